package io.millrace.broker.log;

/**
 * A partition's log as it was at one moment: immutable, any thread.
 *
 * @param logStartOffset first offset that may be read
 * @param highWatermark offset after the last record that all in-sync replicas have; consumers read below it
 * @param lastStableOffset offset after the last record whose transaction is decided; read_committed reads below it
 * @param logEndOffset offset that the next record will get
 * @param latestEpoch leader epoch of the last batch; -1 for an empty log
 */
public record LogSnapshot(
        long logStartOffset, long highWatermark, long lastStableOffset, long logEndOffset, int latestEpoch) {}
