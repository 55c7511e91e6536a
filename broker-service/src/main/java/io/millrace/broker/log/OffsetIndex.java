package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The sparse map from offsets to file positions of one segment, as in its {@code .index} file: entries of 4 bytes offset relative to the
 * segment's base and 4 bytes position, both ascending. Threads as for {@link IndexFile}.
 */
final class OffsetIndex {

    static final int ENTRY_BYTES = 8;
    private static final int OFFSET = 0;
    private static final int POSITION = 4;

    /** Some of an index' entries, by their numbers. */
    record Entries(IndexFile.Content content) {
        static final Entries NONE = new Entries(IndexFile.Content.empty(ENTRY_BYTES));

        int count() {
            return content.count();
        }

        /** Number of the last entry at or below a relative offset; -1 when there is none. */
        int floor(long relativeOffset) {
            return content.floorOfInt(OFFSET, relativeOffset);
        }

        int relativeOffset(int i) {
            return content.intAt(i, OFFSET);
        }

        int position(int i) {
            return content.intAt(i, POSITION);
        }

        Entries upTo(int end) {
            return new Entries(content.upTo(end));
        }
    }

    private final IndexFile file;

    /** @param entries what it holds; null to read the file when it is first needed */
    OffsetIndex(SegmentIndexes.Files files, @Nullable Entries entries, IndexFile.Rebuild rebuild) {
        this.file = new IndexFile(
                files.store(),
                files.paths()::offsetIndex,
                files.memory(),
                entries == null ? null : entries.content,
                () -> read(files.store(), files.paths().offsetIndex(), files.sizeBytes()),
                rebuild);
    }

    IndexFile file() {
        return file;
    }

    /** Entries; only of a segment that is appended to. */
    int count() {
        IndexFile.Content loaded = file.loaded();
        return loaded == null ? 0 : loaded.count();
    }

    void append(long relativeOffset, int position) {
        file.append((relativeOffset << 32) | position, 0);
    }

    /** Where to begin looking for a relative offset: a batch with a smaller one, or the segment's begin. */
    int positionBefore(long relativeOffset) throws IOException {
        IndexFile.Content entries = file.coveringInt(OFFSET, relativeOffset);
        int floor = entries.floorOfInt(OFFSET, relativeOffset);
        return floor < entries.first() ? 0 : entries.intAt(floor, POSITION);
    }

    /** As {@link #positionBefore} where no file has to be read for it, else -1. */
    int knownPositionBefore(long relativeOffset) {
        IndexFile.Content entries = file.loaded();
        if (entries == null) {
            return -1;
        }
        int floor = entries.floorOfInt(OFFSET, relativeOffset);
        if (floor < entries.first()) {
            return entries.first() == 0 ? 0 : -1;
        }
        return entries.intAt(floor, POSITION);
    }

    /** The last known batch boundary at or before a position. */
    int boundaryBefore(int position) throws IOException {
        IndexFile.Content entries = file.coveringInt(POSITION, position);
        int floor = entries.floorOfInt(POSITION, position);
        return floor < entries.first() ? 0 : entries.intAt(floor, POSITION);
    }

    /** The relative offset of the first entry beyond a position; -1 when there is none. */
    int offsetBeyond(int position) throws IOException {
        IndexFile.Content entries = file.coveringInt(POSITION, position);
        int above = entries.floorOfInt(POSITION, position) + 1;
        return above < entries.count() ? entries.intAt(above, OFFSET) : -1;
    }

    /** Position of the last entry; 0 when there is none. */
    int lastPosition() throws IOException {
        return positionBefore(Integer.MAX_VALUE);
    }

    /** Drops entries at and above a relative offset. */
    void truncate(long relativeOffset) throws IOException {
        file.truncate(entries -> relativeOffset <= 0 ? 0 : entries.floorOfInt(OFFSET, relativeOffset - 1) + 1);
    }

    /**
     * Reads a file. Its leading entries that ascend and lie within the log are taken: a power loss may leave entries of records that
     * are lost, or torn ones.
     *
     * @param logSizeBytes size of the segment
     */
    static IndexFile.Found read(FileStore store, Path file, long logSizeBytes) throws IOException {
        if (!store.exists(file)) {
            return new IndexFile.Found(Entries.NONE.content, 0, false);
        }
        byte[] bytes = store.readAll(file);
        Entries all = new Entries(new IndexFile.Content(bytes, ENTRY_BYTES, 0, bytes.length / ENTRY_BYTES));
        int valid = 0;
        while (valid < all.count() && follows(all, valid, logSizeBytes)) {
            valid++;
        }
        boolean whole = bytes.length % ENTRY_BYTES == 0;
        for (int i = valid; i < all.count(); i++) {
            whole &= all.content.longAt(i, 0) == 0; // Preallocated files end in zeros; anything else is damage.
        }
        IndexFile.Content content = valid == all.count() && whole ? all.content : all.upTo(valid).content;
        return new IndexFile.Found(content, valid, whole);
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
}
