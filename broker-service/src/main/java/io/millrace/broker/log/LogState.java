package io.millrace.broker.log;

/**
 * Where a log begins and ends at the moment, and the view of it that readers on other threads see. Changed by the log's loop only; the
 * view may be read by any thread.
 */
final class LogState {

    private final LeaderEpochs epochs;
    private final ProducerStates producers;
    private volatile LogView view;
    private volatile boolean cutting;
    private long logStartOffset;
    private long highWatermark;
    private long logEndOffset;
    private int generation;

    LogState(LogLoader.Loaded loaded) {
        epochs = loaded.epochs();
        producers = loaded.producers();
        logStartOffset = loaded.logStartOffset();
        highWatermark = loaded.highWatermark();
        logEndOffset = loaded.logEndOffset();
        producers.highWatermarkAdvanced(highWatermark);
        view = newView(loaded.segments().toArray(Segment[]::new));
    }

    LogView view() {
        return view;
    }

    /** A segment of the current view may be shorter than the view says. Any thread. */
    boolean isBeingCut() {
        return cutting;
    }

    long logStartOffset() {
        return logStartOffset;
    }

    long highWatermark() {
        return highWatermark;
    }

    long logEndOffset() {
        return logEndOffset;
    }

    int generation() {
        return generation;
    }

    /** Shows everybody the log as it is now, with these segments. */
    void publish(Segment[] segments) {
        view = newView(segments);
    }

    /** As {@link #publish(Segment[])} with the segments as they were. */
    void publish() {
        publish(view.segments());
    }

    private LogView newView(Segment[] segments) {
        LogSnapshot snapshot = new LogSnapshot(
                logStartOffset,
                highWatermark,
                producers.lastStableOffset(logStartOffset, highWatermark),
                logEndOffset,
                epochs.latestEpoch());
        return new LogView(snapshot, segments, segments[segments.length - 1].sizeBytes(), generation);
    }

    /** The active segment, the epochs and the producers have got records up to an offset. */
    void appended(long endOffsetExclusive) {
        logEndOffset = endOffsetExclusive;
        publish();
    }

    void advanceHighWatermark(long newHighWatermark) {
        long bounded = Math.min(newHighWatermark, logEndOffset);
        if (bounded > highWatermark) {
            highWatermark = bounded;
            producers.highWatermarkAdvanced(bounded);
            publish();
        }
    }

    /** The log begins at an offset, with these segments. */
    void advanceLogStart(long offset, Segment[] segments) {
        logStartOffset = offset;
        epochs.truncateFromStart(offset);
        publish(segments);
    }

    /** From here to {@link #endCut} files are shorter than readers believe. */
    void beginCut() {
        generation++;
        cutting = true;
    }

    /** These segments are left, with nothing at and above an offset. */
    void endCut(long offset, Segment[] segments) {
        epochs.truncateFromEnd(offset);
        logEndOffset = offset;
        highWatermark = Math.min(highWatermark, offset);
        logStartOffset = Math.min(logStartOffset, offset);
        publish(segments);
        cutting = false;
    }

    /** Nothing is left; the log goes on at an offset in a new segment. */
    void restart(long offset, Segment empty) {
        generation++;
        epochs.clear();
        producers.clear();
        logStartOffset = offset;
        highWatermark = offset;
        logEndOffset = offset;
        publish(new Segment[] {empty});
    }
}
