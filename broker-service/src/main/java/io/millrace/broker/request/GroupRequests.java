package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.coordinator.group.GroupCoordinator;
import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.common.GroupVersion;

/** The requests of consumer groups: they go to the group coordinator; topics that they name are checked against the image before. */
final class GroupRequests {

    /** How Kafka's own client introduces itself. */
    private static final String JAVA_CLIENT = "apache-kafka-java";

    private final Cluster cluster;
    private final GroupCoordinator groups;
    private final Authorization authorization;
    private final GroupOffsets offsets;

    GroupRequests(BrokerServices broker) {
        this.cluster = broker.cluster();
        this.groups = broker.groups();
        this.authorization = broker.authorization();
        this.offsets = new GroupOffsets(broker.cluster(), broker.groups());
    }

    void addTo(Map<ApiKeys, ApiHandler> table) {
        table.put(ApiKeys.JOIN_GROUP, ApiHandler.later(JoinGroupRequestData.class, groups::joinGroup));
        table.put(ApiKeys.SYNC_GROUP, ApiHandler.later(SyncGroupRequestData.class, groups::syncGroup));
        table.put(ApiKeys.HEARTBEAT, ApiHandler.later(this::heartbeat));
        table.put(ApiKeys.LEAVE_GROUP, ApiHandler.later(LeaveGroupRequestData.class, groups::leaveGroup));
        table.put(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                ApiHandler.later(ConsumerGroupHeartbeatRequestData.class, this::consumerHeartbeat));
        table.put(
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                ApiHandler.later(ConsumerGroupDescribeRequestData.class, this::consumerDescribe));
        table.put(ApiKeys.OFFSET_COMMIT, ApiHandler.later(OffsetCommitRequestData.class, offsets::commit));
        table.put(ApiKeys.OFFSET_FETCH, ApiHandler.later(OffsetFetchRequestData.class, offsets::fetch));
        table.put(ApiKeys.OFFSET_DELETE, ApiHandler.later(OffsetDeleteRequestData.class, offsets::delete));
        table.put(ApiKeys.LIST_GROUPS, ApiHandler.later(ListGroupsRequestData.class, groups::listGroups));
        table.put(ApiKeys.DESCRIBE_GROUPS, ApiHandler.later(DescribeGroupsRequestData.class, this::describe));
        table.put(ApiKeys.DELETE_GROUPS, ApiHandler.later(DeleteGroupsRequestData.class, groups::deleteGroups));
    }

    /**
     * Java's consumers send heartbeats from a thread of their own, whether or not the one before was answered, so their answers may wait for
     * news; others may do nothing meanwhile.
     */
    private CompletableFuture<? extends ApiMessage> heartbeat(Request request) {
        var heartbeat = (HeartbeatRequestData) request.body();
        boolean mayWait = request.softwareName().equals(JAVA_CLIENT);
        if (mayWait) {
            request.whenFollowed(() -> groups.hurryHeartbeat(heartbeat));
        }
        return groups.heartbeat(request.client(), heartbeat, mayWait);
    }

    private CompletableFuture<? extends ApiMessage> describe(ClientContext client, DescribeGroupsRequestData request) {
        return groups.describeGroups(client, request).thenApply(response -> {
            if (request.includeAuthorizedOperations()) {
                response.groups().stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(
                                authorization.operations(client, ResourceType.GROUP, group.groupId())));
            }
            return response;
        });
    }

    private CompletableFuture<? extends ApiMessage> consumerHeartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request) {
        requireConsumerProtocol();
        return groups.consumerGroupHeartbeat(client, request);
    }

    private CompletableFuture<? extends ApiMessage> consumerDescribe(
            ClientContext client, ConsumerGroupDescribeRequestData request) {
        requireConsumerProtocol();
        return groups.consumerGroupDescribe(client, request).thenApply(response -> {
            if (request.includeAuthorizedOperations()) {
                response.groups().stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(
                                authorization.operations(client, ResourceType.GROUP, group.groupId())));
            }
            return response;
        });
    }

    /** The cluster says by its {@code group.version} whether all its brokers can; a broker may do without. */
    private void requireConsumerProtocol() {
        short level = cluster.image().finalizedFeatures().getOrDefault(GroupVersion.FEATURE_NAME, (short) 0);
        if (!groups.servesConsumerProtocol() || level < GroupVersion.GV_1.featureLevel()) {
            throw new UnsupportedVersionException(
                    "the consumer group protocol is not enabled: it needs feature " + GroupVersion.FEATURE_NAME
                            + " at level 1, and 'consumer' in group.coordinator.rebalance.protocols");
        }
    }
}
