package io.millrace.broker.log;

/**
 * What readers on other threads see of a log: published as a whole by one volatile write of the log's loop. The arrays and lists in it
 * are never changed.
 *
 * @param segments ascending by base offset, never empty; the last is the active one
 * @param activeSizeBytes bytes of the active segment that belong to {@code snapshot}
 * @param generation how often the log has been truncated; offsets of different generations must not be compared
 */
@SuppressWarnings("ArrayRecordComponent") // read on every fetch, never compared
record LogView(LogSnapshot snapshot, Segment[] segments, int activeSizeBytes, int generation) {

    /** Position of the segment that an offset belongs to; 0 for smaller offsets. */
    int floor(long offset) {
        int low = 0;
        int high = segments.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    boolean isActive(int i) {
        return i == segments.length - 1;
    }

    Segment active() {
        return segments[segments.length - 1];
    }

    int sizeBytes(int i) {
        return isActive(i) ? activeSizeBytes : segments[i].sizeBytes();
    }

    /** Offset after the last that the segment may hold. */
    long endOffset(int i) {
        return isActive(i) ? snapshot.logEndOffset() : segments[i + 1].baseOffset();
    }

    long totalBytes() {
        long total = activeSizeBytes;
        for (int i = 0; i < segments.length - 1; i++) {
            total += segments[i].sizeBytes();
        }
        return total;
    }
}
