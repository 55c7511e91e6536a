package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sparse map from offsets to file positions of one segment, on heap, written to its {@code .index} file every few entries and,
 * durably, at checkpoints.
 *
 * <p>File: entries of 4 bytes offset relative to the segment's base and 4 bytes position, both ascending. Entries are appended and cut
 * by the log's loop; any thread may look up; the file is written by one thread at a time (monitor).
 */
final class OffsetIndex {

    static final int ENTRY_BYTES = 8;

    /** {@code packed[i]}: relative offset in the upper, position in the lower half. Only slots below {@code count} count. */
    @SuppressWarnings("ArrayRecordComponent") // shared by all versions of a growing index, never compared
    record Entries(long[] packed, int count) {
        static final Entries NONE = new Entries(new long[0], 0);

        /** Index of the last entry at or below a relative offset; -1 when there is none. */
        int floor(long relativeOffset) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (relativeOffset(middle) <= relativeOffset) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high;
        }

        /** Index of the last entry with a position at or below the given; -1 when there is none. */
        int floorAtPosition(long position) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (position(middle) <= position) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high;
        }

        int relativeOffset(int i) {
            return (int) (packed[i] >>> 32);
        }

        int position(int i) {
            return (int) packed[i];
        }
    }

    private final FileStore store;
    private final SegmentPaths paths;
    private volatile @Nullable Entries entries;
    private int entriesInFile;
    private boolean unsynced;

    /** @param entries what it holds; null to read the file when it is first needed */
    OffsetIndex(FileStore store, SegmentPaths paths, @Nullable Entries entries) {
        this.store = store;
        this.paths = paths;
        this.entries = entries;
    }

    /** The entries; null when they are not in memory. */
    @Nullable
    Entries loaded() {
        return entries;
    }

    void append(long relativeOffset, int position) {
        Entries current = current();
        int count = current.count;
        long[] packed = current.packed;
        if (count == packed.length) {
            packed = Arrays.copyOf(packed, Math.max(16, count * 2));
        }
        packed[count] = (relativeOffset << 32) | position;
        entries = new Entries(packed, count + 1);
    }

    /** Drops entries at and above a relative offset. */
    synchronized void truncate(long relativeOffset) {
        Entries current = current();
        int keep = relativeOffset <= 0 ? 0 : current.floor(relativeOffset - 1) + 1;
        // A copy: readers of the old array must not see later appends in slots they believe to know.
        entries = new Entries(Arrays.copyOf(current.packed, keep), keep);
        entriesInFile = Math.min(entriesInFile, keep);
    }

    /** Puts what was rebuilt from the segment in place of everything. */
    synchronized void replace(Entries rebuilt) {
        entries = rebuilt;
        entriesInFile = 0;
    }

    /** How many leading entries the file is known to hold; after loading from it. */
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
            return; // Never loaded, so never changed.
        }
        try (FileChannel file = store.open(path(), FileStore.Mode.CREATE)) {
            int missing = current.count - entriesInFile;
            if (missing > 0) {
                ByteBuffer bytes = ByteBuffer.allocate(missing * ENTRY_BYTES);
                bytes.asLongBuffer().put(current.packed, entriesInFile, missing);
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

    /** Frees the heap of a segment that is no longer appended to; the file has everything. */
    void unload() {
        entries = null;
    }

    Path path() {
        return paths.offsetIndex();
    }

    /**
     * Reads a file.
     *
     * @param logSizeBytes size of the segment; entries must lie within it
     * @return null when the file is missing or is no index of such a segment
     */
    static @Nullable Entries read(FileStore store, Path file, long logSizeBytes) throws IOException {
        if (!store.exists(file)) {
            return null;
        }
        byte[] content = store.readAll(file);
        int count = content.length / ENTRY_BYTES;
        long[] packed = new long[count];
        ByteBuffer.wrap(content).asLongBuffer().get(packed);
        Entries all = new Entries(packed, count);
        int valid = 0;
        while (valid < count && follows(all, valid, logSizeBytes)) {
            valid++;
        }
        for (int i = valid; i < count; i++) {
            if (packed[i] != 0) {
                return null; // Preallocated files end in zeros; anything else is damage.
            }
        }
        return content.length % ENTRY_BYTES == 0 ? new Entries(packed, valid) : null;
    }

    private static boolean follows(Entries all, int i, long logSizeBytes) {
        int offset = all.relativeOffset(i);
        int position = all.position(i);
        if (offset < 0 || position < 0 || position >= logSizeBytes) {
            return false;
        }
        if (i == 0) {
            return offset > 0 && position > 0; // The first batch has no entry: look-ups begin there anyway.
        }
        return offset > all.relativeOffset(i - 1) && position > all.position(i - 1);
    }

    private Entries current() {
        Entries current = entries;
        if (current == null) {
            throw new IllegalStateException(path() + ": an index that is not loaded cannot be changed");
        }
        return current;
    }
}
