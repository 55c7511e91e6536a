package io.millrace.admin.problem;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import org.springframework.http.HttpStatus;

/** Turns what Kafka's clients throw into problems: one HTTP status per Kafka error, the error's name as the code. */
public final class KafkaProblems {
    private KafkaProblems() {}

    /** The problem for {@code failure}, which may be wrapped by a future. */
    public static ApiException of(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof ApiException already) return already;
        Errors error = Errors.forException(cause);
        if (cause instanceof TimeoutException) {
            return new ApiException(
                    HttpStatus.GATEWAY_TIMEOUT,
                    "KAFKA_REQUEST_TIMED_OUT",
                    "The cluster did not answer in time; a broker may be down or unreachable. Kafka's client says: "
                            + cause.getMessage(),
                    true,
                    Map.of("kafkaError", Errors.REQUEST_TIMED_OUT.name(), "kafkaErrorCode", 7),
                    cause);
        }
        Map<String, Object> members = new HashMap<>();
        members.put("kafkaError", error.name());
        members.put("kafkaErrorCode", (int) error.code());
        String message = cause.getMessage() == null ? error.message() : cause.getMessage();
        return new ApiException(
                statusOf(error), "KAFKA_" + error.name(), message, cause instanceof RetriableException, members, cause);
    }

    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static HttpStatus statusOf(Errors error) {
        return switch (error) {
            case UNKNOWN_TOPIC_OR_PARTITION,
                    UNKNOWN_TOPIC_ID,
                    GROUP_ID_NOT_FOUND,
                    UNKNOWN_MEMBER_ID,
                    RESOURCE_NOT_FOUND,
                    NO_REASSIGNMENT_IN_PROGRESS,
                    LOG_DIR_NOT_FOUND,
                    TRANSACTIONAL_ID_NOT_FOUND -> HttpStatus.NOT_FOUND;
            case TOPIC_ALREADY_EXISTS,
                    NON_EMPTY_GROUP,
                    REASSIGNMENT_IN_PROGRESS,
                    ELECTION_NOT_NEEDED,
                    GROUP_SUBSCRIBED_TO_TOPIC,
                    REBALANCE_IN_PROGRESS,
                    FENCED_INSTANCE_ID,
                    DUPLICATE_RESOURCE,
                    TOPIC_DELETION_DISABLED -> HttpStatus.CONFLICT;
            case TOPIC_AUTHORIZATION_FAILED,
                    GROUP_AUTHORIZATION_FAILED,
                    CLUSTER_AUTHORIZATION_FAILED,
                    TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                    SASL_AUTHENTICATION_FAILED,
                    DELEGATION_TOKEN_AUTHORIZATION_FAILED -> HttpStatus.FORBIDDEN;
            case RECORD_LIST_TOO_LARGE, MESSAGE_TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
            case INVALID_TOPIC_EXCEPTION,
                    INVALID_PARTITIONS,
                    INVALID_REPLICATION_FACTOR,
                    INVALID_REPLICA_ASSIGNMENT,
                    INVALID_CONFIG,
                    INVALID_REQUEST,
                    INVALID_GROUP_ID,
                    OFFSET_OUT_OF_RANGE,
                    POLICY_VIOLATION,
                    INVALID_TIMESTAMP,
                    INVALID_REQUIRED_ACKS,
                    INVALID_RECORD,
                    CORRUPT_MESSAGE -> HttpStatus.BAD_REQUEST;
            case UNSUPPORTED_VERSION, UNSUPPORTED_FOR_MESSAGE_FORMAT -> HttpStatus.NOT_IMPLEMENTED;
            case UNKNOWN_SERVER_ERROR -> HttpStatus.BAD_GATEWAY;
            default -> HttpStatus.SERVICE_UNAVAILABLE;
        };
    }
}
