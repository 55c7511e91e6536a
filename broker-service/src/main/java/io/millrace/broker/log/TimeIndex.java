package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sparse map from timestamps to offsets of one segment: an entry says that no record up to its offset is newer than its timestamp.
 *
 * <p>File: entries of 8 bytes timestamp and 4 bytes offset relative to the segment's base, both ascending. Threads as for
 * {@link OffsetIndex}.
 */
final class TimeIndex {

    static final int ENTRY_BYTES = 12;

    /** Only slots below {@code count} count. */
    @SuppressWarnings("ArrayRecordComponent") // shared by all versions of a growing index, never compared
    record Entries(long[] timestamps, int[] relativeOffsets, int count) {
        static final Entries NONE = new Entries(new long[0], new int[0], 0);

        /** Index of the last entry with a timestamp at or below the given; -1 when there is none. */
        int floor(long timestampMs) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (timestamps[middle] <= timestampMs) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high;
        }

        /** The entries up to a relative offset, in arrays of their own. */
        Entries upTo(long relativeOffset) {
            int keep = count;
            while (keep > 0 && relativeOffsets[keep - 1] > relativeOffset) {
                keep--;
            }
            return new Entries(Arrays.copyOf(timestamps, keep), Arrays.copyOf(relativeOffsets, keep), keep);
        }

        long lastTimestamp() {
            return count == 0 ? -1 : timestamps[count - 1];
        }

        long lastRelativeOffset() {
            return count == 0 ? 0 : relativeOffsets[count - 1];
        }
    }

    private final FileStore store;
    private final SegmentPaths paths;
    private volatile @Nullable Entries entries;
    private int entriesInFile;
    private boolean unsynced;

    TimeIndex(FileStore store, SegmentPaths paths, @Nullable Entries entries) {
        this.store = store;
        this.paths = paths;
        this.entries = entries;
    }

    @Nullable
    Entries loaded() {
        return entries;
    }

    /** Adds an entry if it says something new. */
    void maybeAppend(long timestampMs, long relativeOffset) {
        Entries current = current();
        int count = current.count;
        if (timestampMs <= current.lastTimestamp() || (count > 0 && relativeOffset <= current.lastRelativeOffset())) {
            return;
        }
        long[] timestamps = current.timestamps;
        int[] offsets = current.relativeOffsets;
        if (count == timestamps.length) {
            int capacity = Math.max(16, count * 2);
            timestamps = Arrays.copyOf(timestamps, capacity);
            offsets = Arrays.copyOf(offsets, capacity);
        }
        timestamps[count] = timestampMs;
        offsets[count] = (int) relativeOffset;
        entries = new Entries(timestamps, offsets, count + 1);
    }

    /** Drops entries at and above a relative offset. */
    synchronized void truncate(long relativeOffset) {
        Entries current = current();
        int keep = current.count;
        while (keep > 0 && current.relativeOffsets[keep - 1] >= relativeOffset) {
            keep--;
        }
        entries = new Entries(
                Arrays.copyOf(current.timestamps, keep), Arrays.copyOf(current.relativeOffsets, keep), keep);
        entriesInFile = Math.min(entriesInFile, keep);
    }

    synchronized void replace(Entries rebuilt) {
        entries = rebuilt;
        entriesInFile = 0;
    }

    synchronized void setEntriesInFile(int count) {
        entriesInFile = count;
    }

    /**
     * Writes the entries the file lacks and cuts off what it has too many.
     *
     * @param sync also makes them durable: below the recovery point an index is taken as it lies
     */
    synchronized void writeFile(boolean sync) throws IOException {
        Entries current = entries;
        if (current == null) {
            return;
        }
        try (FileChannel file = store.open(path(), FileStore.Mode.CREATE)) {
            int missing = current.count - entriesInFile;
            if (missing > 0) {
                ByteBuffer bytes = ByteBuffer.allocate(missing * ENTRY_BYTES);
                for (int i = entriesInFile; i < current.count; i++) {
                    bytes.putLong(current.timestamps[i]).putInt(current.relativeOffsets[i]);
                }
                bytes.flip();
                long position = (long) entriesInFile * ENTRY_BYTES;
                while (bytes.hasRemaining()) {
                    position += file.write(bytes, position);
                }
            }
            long size = (long) current.count * ENTRY_BYTES;
            boolean tooLong = file.size() > size;
            if (tooLong) {
                file.truncate(size);
            }
            entriesInFile = current.count;
            unsynced |= missing > 0 || tooLong;
            if (sync && unsynced) {
                sync(file);
            }
        }
    }

    private void sync(FileChannel file) throws IOException {
        try {
            file.force(true);
            unsynced = false;
        } catch (IOException e) {
            entriesInFile = 0; // Nobody knows what the file holds.
            throw e;
        }
    }

    void unload() {
        entries = null;
    }

    Path path() {
        return paths.timeIndex();
    }

    /** Reads a file; null when it is missing or damaged. */
    static @Nullable Entries read(FileStore store, Path file) throws IOException {
        if (!store.exists(file)) {
            return null;
        }
        byte[] content = store.readAll(file);
        if (content.length % ENTRY_BYTES != 0) {
            return null;
        }
        int count = content.length / ENTRY_BYTES;
        long[] timestamps = new long[count];
        int[] offsets = new int[count];
        ByteBuffer bytes = ByteBuffer.wrap(content);
        int valid = 0;
        boolean ended = false;
        for (int i = 0; i < count; i++) {
            long timestamp = bytes.getLong();
            int offset = bytes.getInt();
            boolean first = valid == 0;
            // Apache repeats the last entry when it closes a segment; preallocated files end in zeros. Anything else is
            // damage.
            boolean repeats = !first && timestamp == timestamps[valid - 1] && offset == offsets[valid - 1];
            if (!ended
                    && timestamp >= 0
                    && offset >= 0
                    && (first || (timestamp > timestamps[valid - 1] && offset > offsets[valid - 1]))) {
                timestamps[valid] = timestamp;
                offsets[valid] = offset;
                valid++;
            } else if (timestamp == 0 && offset == 0) {
                ended = true;
            } else if (!repeats) {
                return null;
            }
        }
        return new Entries(timestamps, offsets, valid);
    }

    private Entries current() {
        Entries current = entries;
        if (current == null) {
            throw new IllegalStateException(path() + ": an index that is not loaded cannot be changed");
        }
        return current;
    }
}
