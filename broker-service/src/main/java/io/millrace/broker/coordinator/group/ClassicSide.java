package io.millrace.broker.coordinator.group;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import org.apache.kafka.common.protocol.Errors;

/** The classic protocol as far as the consumer protocol needs it to change a group from one to the other; on the shard's loop. */
public interface ClassicSide {

    /** A classic group as it is. */
    ClassicSnapshot snapshot(Group classicGroup);

    /** Answers everybody who waits in a classic group that becomes a consumer group. */
    void release(Group classicGroup, Errors error, Decision decision);

    /** What makes a classic group of a snapshot. */
    Converted convert(ClassicSnapshot snapshot);

    /**
     * Takes up a classic group whose record is replayed, if it still is one: sessions begin and, if asked for, a round of the classic protocol.
     *
     * @param memberId who brought the change about
     */
    void takeUp(
            Group present, ClassicSnapshot snapshot, String memberId, boolean rebalance, Moment now, Decision decision);

    /**
     * A classic group to be.
     *
     * @param protocolName the assignor that its members agree on
     */
    record Converted(CoordinatorRecord record, String protocolName) {}
}
