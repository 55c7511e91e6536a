package io.millrace.broker.log;

import java.io.IOException;

/** Which leading segments of a log its topic's settings let go: by log start, by time, by size. Any thread. */
final class Retention {

    private Retention() {}

    /**
     * @param keepFrom segments that end at or below this offset are to go
     * @param reason for the log
     */
    record Verdict(long keepFrom, String reason) {}

    static Verdict judge(LogView view, LogConfig config, long nowMs) throws IOException {
        LogSnapshot snapshot = view.snapshot();
        int count = view.segments().length;
        long excess = config.delete() && config.retentionBytes() >= 0
                ? view.totalBytes() - config.retentionBytes()
                : Long.MIN_VALUE;
        int drop = 0;
        String reason = "";
        while (drop < count) {
            boolean active = view.isActive(drop);
            long end = view.endOffset(drop);
            int size = view.sizeBytes(drop);
            if (end > snapshot.highWatermark() || (active && size == 0)) {
                break;
            }
            if (!active && end <= snapshot.logStartOffset()) {
                reason = "below the log start offset " + snapshot.logStartOffset();
            } else if (config.delete() && isTooOld(view.segments()[drop], config, nowMs)) {
                reason = "older than retention.ms " + config.retentionMs();
            } else if (excess - size >= 0 && excess != Long.MIN_VALUE) {
                reason = "beyond retention.bytes " + config.retentionBytes();
            } else {
                break;
            }
            if (excess != Long.MIN_VALUE) {
                excess -= size;
            }
            drop++;
        }
        return new Verdict(drop == 0 ? view.segments()[0].baseOffset() : view.endOffset(drop - 1), reason);
    }

    private static boolean isTooOld(Segment segment, LogConfig config, long nowMs) throws IOException {
        if (config.retentionMs() < 0) {
            return false;
        }
        long newest = segment.indexes().maxTimestampMs();
        return nowMs - (newest >= 0 ? newest : segment.createdMs()) > config.retentionMs();
    }
}
