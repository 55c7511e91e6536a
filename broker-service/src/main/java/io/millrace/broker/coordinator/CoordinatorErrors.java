package io.millrace.broker.coordinator;

import org.apache.kafka.common.protocol.Errors;

/** What clients of a coordinator are told when the coordinator's own append failed: an error that makes them do the right thing. */
final class CoordinatorErrors {
    private CoordinatorErrors() {}

    static Errors forClients(Errors appendError) {
        return switch (appendError) {
            case UNKNOWN_TOPIC_OR_PARTITION, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT ->
                Errors.COORDINATOR_NOT_AVAILABLE;
            case NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, KAFKA_STORAGE_ERROR -> Errors.NOT_COORDINATOR;
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_FETCH_SIZE -> Errors.INVALID_COMMIT_OFFSET_SIZE;
            default -> appendError;
        };
    }
}
