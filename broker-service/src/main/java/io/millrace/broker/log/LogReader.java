package io.millrace.broker.log;

import io.millrace.broker.protocol.FileSlice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.jspecify.annotations.Nullable;

/** Reads of one published view of a log: finds the file range that answers a fetch. Any thread. */
final class LogReader {

    private LogReader() {}

    /** As {@link PartitionLog#read}, with an offset that is within the log. */
    static LogRead read(
            LogView view, long offset, int maxBytes, long endOffsetExclusive, boolean atLeastOneBatch, boolean aborted)
            throws IOException {
        LogSnapshot snapshot = view.snapshot();
        long end = Math.min(endOffsetExclusive, snapshot.logEndOffset());
        if (offset >= end || (maxBytes <= 0 && !atLeastOneBatch)) {
            return new LogRead(null, snapshot, aborted ? List.of() : null);
        }
        for (int i = view.floor(offset); i < view.segments().length; i++) {
            Segment segment = view.segments()[i];
            if (segment.baseOffset() >= end) {
                break;
            }
            int limit = limit(view, i, end);
            SegmentLookUp.BatchPosition first = segment.lookUp().locate(offset, limit);
            if (first != null) {
                int size = size(segment, first, limit, maxBytes, atLeastOneBatch);
                if (size == 0) {
                    break;
                }
                FileSlice slice = segment.file().slice(first.position(), size);
                return new LogRead(
                        slice,
                        snapshot,
                        aborted ? aborted(view, i, offset, upperBound(view, i, first.position() + size)) : null);
            }
        }
        return new LogRead(null, snapshot, aborted ? List.of() : null);
    }

    /** Position in a segment before which all batches are below an offset. */
    private static int limit(LogView view, int i, long end) throws IOException {
        int size = view.sizeBytes(i);
        if (end >= view.endOffset(i)) {
            return size;
        }
        SegmentLookUp.BatchPosition beyond = view.segments()[i].lookUp().locate(end, size);
        return beyond == null ? size : beyond.position();
    }

    private static int size(
            Segment segment, SegmentLookUp.BatchPosition first, int limit, int maxBytes, boolean atLeastOneBatch)
            throws IOException {
        int available = limit - first.position();
        if (available <= maxBytes) {
            return available;
        }
        if (first.sizeBytes() >= maxBytes) {
            return atLeastOneBatch || first.sizeBytes() == maxBytes ? first.sizeBytes() : 0;
        }
        return segment.lookUp().boundaryAtOrBefore(first.position() + maxBytes, first.position(), limit)
                - first.position();
    }

    /** An offset at or above all that lie before a position; a little too high does no harm. */
    private static long upperBound(LogView view, int i, int position) throws IOException {
        Segment segment = view.segments()[i];
        int beyond = segment.indexes().offsets().offsetBeyond(position);
        // The entry names the last offset of the batch at its position, which comes after what was read.
        return beyond < 0 ? view.endOffset(i) : segment.baseOffset() + beyond + 1;
    }

    private static List<AbortedTransaction> aborted(LogView view, int from, long offset, long upperBound)
            throws IOException {
        List<AbortedTransaction> found = new ArrayList<>();
        for (int i = from; i < view.segments().length; i++) {
            for (TransactionIndex.Aborted aborted :
                    view.segments()[i].indexes().transactions().entries()) {
                if (aborted.lastOffset() >= offset && aborted.firstOffset() < upperBound) {
                    found.add(new AbortedTransaction()
                            .setProducerId(aborted.producerId())
                            .setFirstOffset(aborted.firstOffset()));
                }
                if (aborted.lastStableOffset() >= upperBound) {
                    return found;
                }
            }
        }
        return found;
    }

    static PartitionLog.@Nullable TimestampOffset forTimestamp(LogView view, long timestampMs) throws IOException {
        for (int i = 0; i < view.segments().length; i++) {
            Segment segment = view.segments()[i];
            boolean reaches = view.isActive(i) || segment.indexes().maxTimestampMs() >= timestampMs;
            PartitionLog.TimestampOffset found = reaches
                    ? TimestampSearch.firstAtOrAfter(
                            segment,
                            view.sizeBytes(i),
                            timestampMs,
                            view.snapshot().logStartOffset())
                    : null;
            if (found != null) {
                return found.offset() < view.snapshot().logEndOffset() ? found : null;
            }
        }
        return null;
    }

    static PartitionLog.@Nullable TimestampOffset ofMaxTimestamp(LogView view) throws IOException {
        int newest = -1;
        long greatest = -1;
        for (int i = 0; i < view.segments().length; i++) {
            long max =
                    view.sizeBytes(i) == 0 ? -1 : view.segments()[i].indexes().maxTimestampMs();
            if (max > greatest) {
                greatest = max;
                newest = i;
            }
        }
        if (newest < 0) {
            return null;
        }
        // Below the log start, too, while its segment is there: so does Apache Kafka.
        Segment segment = view.segments()[newest];
        return TimestampSearch.firstAtOrAfter(segment, view.sizeBytes(newest), greatest, segment.baseOffset());
    }
}
