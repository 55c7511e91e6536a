package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.group.offset.CommittedOffset;
import java.util.Arrays;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A coordinator that has much to load says how far it is. */
class LoadingProgressTest {
    private static final int BATCHES = 100;
    private static final int RECORDS_A_BATCH = 2_500;

    @Test
    void aLargePartitionIsLoadedWithProgressInTheLog() {
        var bench = new GroupBench(1, GroupBench.onePartition());
        var committed = new CommittedOffset(1, -1, "", 1, CommittedOffset.NO_EXPIRY, Uuid.ZERO_UUID);
        CoordinatorRecord commit = GroupRecords.offset("g", "t", 0, committed);
        var records = new SimpleRecord[RECORDS_A_BATCH];
        Arrays.fill(records, new SimpleRecord(1, commit.keyBytes(), commit.valueBytes()));
        for (int i = 0; i < BATCHES; i++) {
            bench.log.append(MemoryRecords.withRecords(Compression.NONE, records), 1_000, _ -> {});
        }

        var logger = (Logger) LoggerFactory.getLogger("io.millrace.broker.coordinator");
        logger.setLevel(Level.INFO);
        var logged = new ListAppender<ILoggingEvent>();
        logged.start();
        logger.addAppender(logged);
        try {
            bench.failOver();
        } finally {
            logger.detachAppender(logged);
        }
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "__consumer_offsets-0: loading coordinator state: 100000 records so far, at offset 99999 of 250000",
                        "__consumer_offsets-0: loading coordinator state: 200000 records so far, at offset 199999 of 250000",
                        "__consumer_offsets-0: loaded coordinator state of 250000 records in 0 ms");
    }
}
