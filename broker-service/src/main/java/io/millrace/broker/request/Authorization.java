package io.millrace.broker.request;

import io.millrace.broker.protocol.ClientContext;
import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Says who may do what; the one place that handlers ask. Without an authorizer everybody may do everything, which is what Kafka does
 * where none is configured.
 */
@FunctionalInterface
public interface Authorization {

    /** Stands for "was not asked for" in responses. */
    int OMITTED = Integer.MIN_VALUE;

    boolean allows(ClientContext client, AclOperation operation, ResourceType type, String name);

    static Authorization everybodyEverything() {
        return (client, operation, type, name) -> true;
    }

    /** What {@code client} may do with a resource, as the bit field of responses: bit n stands for the operation with code n. */
    default int operations(ClientContext client, ResourceType type, String name) {
        int bits = 0;
        for (AclOperation operation : possible(type)) {
            if (allows(client, operation, type, name)) {
                bits |= 1 << operation.code();
            }
        }
        return bits;
    }

    private static Set<AclOperation> possible(ResourceType type) {
        return switch (type) {
            case TOPIC ->
                EnumSet.of(
                        AclOperation.READ,
                        AclOperation.WRITE,
                        AclOperation.CREATE,
                        AclOperation.DELETE,
                        AclOperation.ALTER,
                        AclOperation.DESCRIBE,
                        AclOperation.DESCRIBE_CONFIGS,
                        AclOperation.ALTER_CONFIGS);
            case GROUP ->
                EnumSet.of(
                        AclOperation.READ,
                        AclOperation.DELETE,
                        AclOperation.DESCRIBE,
                        AclOperation.DESCRIBE_CONFIGS,
                        AclOperation.ALTER_CONFIGS);
            case CLUSTER ->
                EnumSet.of(
                        AclOperation.CREATE,
                        AclOperation.ALTER,
                        AclOperation.DESCRIBE,
                        AclOperation.CLUSTER_ACTION,
                        AclOperation.DESCRIBE_CONFIGS,
                        AclOperation.ALTER_CONFIGS,
                        AclOperation.IDEMPOTENT_WRITE);
            case TRANSACTIONAL_ID ->
                EnumSet.of(AclOperation.DESCRIBE, AclOperation.WRITE, AclOperation.TWO_PHASE_COMMIT);
            case DELEGATION_TOKEN -> EnumSet.of(AclOperation.DESCRIBE);
            case USER -> EnumSet.of(AclOperation.CREATE_TOKENS, AclOperation.DESCRIBE_TOKENS);
            case UNKNOWN, ANY -> EnumSet.noneOf(AclOperation.class);
        };
    }
}
