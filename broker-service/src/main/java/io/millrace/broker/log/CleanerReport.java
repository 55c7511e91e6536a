package io.millrace.broker.log;

/** What one compaction did, for the log. One thread at a time. */
final class CleanerReport {

    private static final long NS_PER_MS = 1_000_000;

    private final CleanerRange range;
    private long bytesBefore;
    private long bytesAfter;
    private int segmentsBefore;
    private int segmentsAfter;

    CleanerReport(CleanerRange range) {
        this.range = range;
    }

    void wrote(CleanerGroup group) {
        bytesBefore += group.replaced().stream().mapToLong(Segment::sizeBytes).sum();
        bytesAfter += group.cleaned().sizeBytes();
        segmentsBefore += group.replaced().size();
        segmentsAfter++;
    }

    void write(PartitionLog log, CleanerFilter filter, long cleanedOffset, long startNs) {
        LogEvents.LOG.info(
                "{}: compacted offsets {} to {} (dirty from {}) in {} ms: {} to {} bytes, {} to {} records, {} to {} segments",
                log.topicPartition(),
                range.segments().getFirst().baseOffset(),
                cleanedOffset - 1,
                range.firstDirtyOffset(),
                (log.volume().clock().monotonicNs() - startNs) / NS_PER_MS,
                bytesBefore,
                bytesAfter,
                filter.recordsRead(),
                filter.recordsWritten(),
                segmentsBefore,
                segmentsAfter);
    }
}
