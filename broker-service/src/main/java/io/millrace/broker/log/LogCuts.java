package io.millrace.broker.log;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;

/**
 * Takes records away from the ends of one log: from its end by truncation, from its start by delete-records and retention. What is in
 * between goes by {@link Compaction}. The log's loop only.
 */
final class LogCuts {

    private final PartitionLog log;
    private final LogState state;
    private final LogAppender appender;
    private final String name;

    LogCuts(PartitionLog log, LogState state, LogAppender appender) {
        this.log = log;
        this.state = state;
        this.appender = appender;
        this.name = log.topicPartition().toString();
    }

    /** As {@link PartitionLog#truncateTo}. */
    void truncateTo(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException(name + ": cannot truncate to offset " + offset);
        }
        if (offset >= state.logEndOffset()) {
            log.epochs().truncateFromEnd(offset);
            state.publish();
        } else if (offset < state.view().segments()[0].baseOffset()) {
            truncateFullyAndStartAt(offset);
        } else {
            changing("truncating", () -> cutFrom(offset));
        }
    }

    private void cutFrom(long offset) throws IOException {
        LogView current = state.view();
        int last = current.floor(offset);
        Segment active = current.segments()[last];
        SegmentLookUp.BatchPosition first = active.lookUp().locate(offset, current.sizeBytes(last));
        int position = first == null ? current.sizeBytes(last) : first.position();
        log.flush().truncating(offset, active.lookUp().endOffsetBefore(offset, position));
        List<Segment> dropped = List.of(Arrays.copyOfRange(current.segments(), last + 1, current.segments().length));
        renameDurably(dropped);
        state.beginCut();
        active.truncate(position, offset);
        state.endCut(offset, Arrays.copyOf(current.segments(), last + 1));
        removeLater(dropped);
        log.flush().truncated(offset);
        restoreProducers(offset);
    }

    private void restoreProducers(long offset) throws IOException {
        // What they say of the records that were cut off must not be taken for the records that come instead.
        ProducerRebuild.removeSnapshotsAbove(log.volume().store(), log.directory(), offset);
        log.flush().directoryChanged();
        ProducerStates producers = log.producerStates();
        if (producers.lastChangeOffset() < offset) {
            return; // No producer's batch was cut off.
        }
        List<Segment> segments = List.of(state.view().segments());
        ProducerRebuild.rebuild(log.volume().store(), log.directory(), segments, offset, producers);
        producers.highWatermarkAdvanced(state.highWatermark());
        state.publish();
    }

    /** As {@link PartitionLog#truncateFullyAndStartAt}. */
    void truncateFullyAndStartAt(long offset) {
        changing("truncating", () -> {
            Volume volume = log.volume();
            List<Segment> dropped = List.of(state.view().segments());
            long end = Math.min(offset, dropped.getFirst().baseOffset());
            log.flush().truncating(end, end);
            renameDurably(dropped);
            Segment empty = Segment.create(
                    volume.store(),
                    volume.openFiles(),
                    log.directory(),
                    offset,
                    volume.clock().wallClockMs(),
                    0);
            state.restart(offset, empty);
            ProducerRebuild.removeSnapshotsAbove(volume.store(), log.directory(), -1);
            removeLater(dropped);
            log.flush().restarted(offset);
        });
    }

    /** As {@link PartitionLog#advanceLogStart}. */
    void advanceLogStart(long offset) {
        if (offset > state.highWatermark()) {
            throw new OffsetOutOfRangeException(name + ": the log start cannot move to offset " + offset
                    + ", above the high watermark " + state.highWatermark());
        }
        if (offset <= state.logStartOffset()) {
            return;
        }
        Segment[] segments = state.view().segments();
        state.advanceLogStart(offset, segments);
        log.volume().checkpointSoon();
        if (segments.length > 1 && segments[1].baseOffset() <= offset) {
            dropSegmentsBelow(offset, "log start offset");
        }
    }

    /** As {@link PartitionLog#dropSegmentsBelow}. */
    void dropSegmentsBelow(long offset, String reason) {
        if (offset > state.highWatermark() || log.isClosed()) {
            return;
        }
        changing("deleting old segments", () -> {
            if (offset >= state.logEndOffset() && state.view().active().sizeBytes() > 0) {
                appender.roll(state.logEndOffset(), log.volume().clock().wallClockMs());
            }
            Segment[] segments = state.view().segments();
            int drop = 0;
            while (drop + 1 < segments.length && segments[drop + 1].baseOffset() <= offset) {
                drop++;
            }
            if (drop == 0) {
                return;
            }
            List<Segment> dropped = List.of(Arrays.copyOf(segments, drop));
            long newStart = Math.max(state.logStartOffset(), segments[drop].baseOffset());
            LogEvents.LOG.info(
                    "{}: deleting {} segments below offset {} ({})", name, drop, segments[drop].baseOffset(), reason);
            state.advanceLogStart(newStart, Arrays.copyOfRange(segments, drop, segments.length));
            renameForDeletion(dropped);
            removeLater(dropped);
            log.volume().checkpointSoon();
        });
    }

    private void renameForDeletion(List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            segment.renameForDeletion();
        }
        log.flush().directoryChanged();
    }

    /** As {@link #renameForDeletion}, for a truncation: before new records take their offsets the old must be gone for good. */
    private void renameDurably(List<Segment> segments) throws IOException {
        if (!segments.isEmpty()) {
            renameForDeletion(segments);
            log.volume().store().syncDirectory(log.directory());
        }
    }

    private void removeLater(List<Segment> segments) {
        log.volume().removeLater(segments, log.config().fileDeleteDelayMs());
    }

    private void changing(String doing, PartitionLog.Change change) {
        try {
            change.run();
        } catch (IOException e) {
            log.failed(doing, e);
            throw new KafkaStorageException(name + ": " + doing + " failed: " + e.getMessage(), e);
        }
    }
}
