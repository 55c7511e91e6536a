package io.millrace.broker.replication;

import io.millrace.broker.log.LogSnapshot;

/** How far into a log a reader may see. */
public enum ReadLimit {
    /** Everything, committed or not: followers. */
    LOG_END,
    /** What all in-sync replicas have: consumers that read uncommitted. */
    HIGH_WATERMARK,
    /** What belongs to no open transaction: consumers that read committed. */
    LAST_STABLE_OFFSET;

    /** The first offset that the reader may not see. */
    public long of(LogSnapshot log) {
        return switch (this) {
            case LOG_END -> log.logEndOffset();
            case HIGH_WATERMARK -> log.highWatermark();
            case LAST_STABLE_OFFSET -> Math.min(log.lastStableOffset(), log.highWatermark());
        };
    }
}
