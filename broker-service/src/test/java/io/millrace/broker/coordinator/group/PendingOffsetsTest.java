package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.group.offset.CommittedOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Offsets that a transaction has committed and that is not decided, as a coordinator finds them in its log. */
class PendingOffsetsTest {
    private static final long PRODUCER = 77;
    private static final short EPOCH = 3;

    private final GroupBench bench = new GroupBench(
            1,
            GroupBench.configWith(
                    Map.of("offsets.retention.minutes", "10", "offsets.retention.check.interval.ms", "60000")));

    /** A commit of partition 0 or 1 of {@code t}, in the transaction. */
    private void commitInTransaction(int partition, long offset) {
        CoordinatorRecord record = GroupRecords.offset(
                "g",
                "t",
                partition,
                new CommittedOffset(
                        offset, -1, "", bench.simulation.wallClockMs(), CommittedOffset.NO_EXPIRY, Uuid.ZERO_UUID));
        append(MemoryRecords.withTransactionalRecords(
                Compression.NONE,
                PRODUCER,
                EPOCH,
                partition,
                new SimpleRecord(bench.simulation.wallClockMs(), record.keyBytes(), record.valueBytes())));
    }

    private void end(ControlRecordType how) {
        append(MemoryRecords.withEndTransactionMarker(PRODUCER, EPOCH, new EndTransactionMarker(how, 0)));
    }

    private void append(MemoryRecords records) {
        assertThat(bench.log.append(records, 1_000, _ -> {}).error()).isEqualTo(Errors.NONE);
        bench.failOver();
        bench.simulation.settle();
    }

    private void commit(int partition, long offset) {
        var request = new OffsetCommitRequestData()
                .setGroupId("g")
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName("t")
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)))));
        var answer = bench.coordinator.commitOffsets(GroupBench.client("", 9), request);
        bench.simulation.settle();
        assertThat(answer.join().topics().getFirst().partitions().getFirst().errorCode())
                .isZero();
    }

    /** The offset of a partition, or the error that stands in its place. */
    private Object fetch(int partition, boolean requireStable) {
        var request = new OffsetFetchRequestData()
                .setRequireStable(requireStable)
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId("g")
                        .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                .setName("t")
                                .setPartitionIndexes(List.of(partition))))));
        var answer = bench.coordinator.fetchOffsets(GroupBench.client("", 9), request);
        bench.simulation.settle();
        var fetched = answer.join()
                .groups()
                .getFirst()
                .topics()
                .getFirst()
                .partitions()
                .getFirst();
        return fetched.errorCode() == 0 ? fetched.committedOffset() : Errors.forCode(fetched.errorCode());
    }

    @Test
    void whatIsNotDecidedIsNotStableAndTheOffsetBeforeItCounts() {
        commit(0, 5);
        commit(1, 6);
        commitInTransaction(0, 50);
        assertThat(fetch(0, true)).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT);
        assertThat(fetch(0, false)).isEqualTo(5L);
        assertThat(fetch(1, true)).as("a partition that is not in it").isEqualTo(6L);

        end(ControlRecordType.COMMIT);
        assertThat(fetch(0, true)).isEqualTo(50L);
    }

    @Test
    void anAbortedTransactionLeavesWhatWasThere() {
        commit(0, 5);
        commitInTransaction(0, 50);
        commitInTransaction(1, 60);
        end(ControlRecordType.ABORT);
        assertThat(fetch(0, true)).isEqualTo(5L);
        assertThat(fetch(1, true)).isEqualTo(-1L);
    }

    @Test
    void nothingExpiresUnderATransactionAndTheGroupStays() {
        commit(0, 5);
        commitInTransaction(0, 50);
        bench.simulation.advance(3_600_000);
        assertThat(fetch(0, false)).isEqualTo(5L);
        end(ControlRecordType.ABORT);
        bench.simulation.advance(120_000);
        assertThat(fetch(0, true)).isEqualTo(-1L);
    }
}
