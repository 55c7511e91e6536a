package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sparse map from timestamps to offsets of one segment, as in its {@code .timeindex} file: entries of 8 bytes timestamp and 4 bytes
 * offset relative to the segment's base, both ascending; an entry says that no record up to its offset is newer than its timestamp.
 * Threads as for {@link IndexFile}.
 */
final class TimeIndex {

    static final int ENTRY_BYTES = 12;
    private static final int TIMESTAMP = 0;
    private static final int OFFSET = 8;

    /** Some of an index' entries, by their numbers. */
    record Entries(IndexFile.Content content) {
        static final Entries NONE = new Entries(IndexFile.Content.empty(ENTRY_BYTES));

        long timestampMs(int i) {
            return content.longAt(i, TIMESTAMP);
        }

        int relativeOffset(int i) {
            return content.intAt(i, OFFSET);
        }

        /** The entries up to a relative offset. */
        Entries upTo(long relativeOffset) {
            return new Entries(content.upTo(content.floorOfInt(OFFSET, relativeOffset) + 1));
        }

        long lastTimestampMs() {
            return content.count() == 0 ? -1 : timestampMs(content.count() - 1);
        }

        /** -1 when there is no entry. */
        int lastRelativeOffset() {
            return content.count() == 0 ? -1 : relativeOffset(content.count() - 1);
        }
    }

    private final IndexFile file;

    /** @param entries what it holds; null to read the file when it is first needed */
    TimeIndex(SegmentIndexes.Files files, @Nullable Entries entries, IndexFile.Rebuild rebuild) {
        this.file = new IndexFile(
                files.store(),
                files.paths()::timeIndex,
                files.memory(),
                entries == null ? null : entries.content,
                () -> read(files.store(), files.paths().timeIndex()),
                rebuild);
    }

    IndexFile file() {
        return file;
    }

    boolean isLoaded() {
        return file.loaded() != null;
    }

    /** Entries; only of a segment that is appended to. */
    int count() {
        IndexFile.Content loaded = file.loaded();
        return loaded == null ? 0 : loaded.count();
    }

    /** The last entry is always among these. */
    Entries last() throws IOException {
        IndexFile.Content loaded = file.loaded();
        return new Entries(loaded != null ? loaded : file.all());
    }

    /** Adds an entry if it says something new; only to a segment that is appended to. */
    void maybeAppend(long timestampMs, long relativeOffset) {
        Entries current = new Entries(Objects.requireNonNull(file.loaded()));
        if (timestampMs > current.lastTimestampMs() && relativeOffset > current.lastRelativeOffset()) {
            file.append(timestampMs, (int) relativeOffset);
        }
    }

    /** A relative offset up to which no record is newer than a timestamp; -1 when none is known. */
    int offsetNotNewerThan(long timestampMs) throws IOException {
        IndexFile.Content entries = file.coveringLong(TIMESTAMP, timestampMs);
        int floor = entries.floorOfLong(TIMESTAMP, timestampMs);
        return floor < entries.first() ? -1 : entries.intAt(floor, OFFSET);
    }

    /** Drops entries at and above a relative offset. */
    void truncate(long relativeOffset) throws IOException {
        file.truncate(entries -> entries.floorOfInt(OFFSET, relativeOffset - 1) + 1);
    }

    /** Reads a file; its leading entries that ascend are taken. */
    static IndexFile.Found read(FileStore store, Path file) throws IOException {
        if (!store.exists(file)) {
            return new IndexFile.Found(Entries.NONE.content, 0, false);
        }
        byte[] bytes = store.readAll(file);
        Entries all = new Entries(new IndexFile.Content(bytes, ENTRY_BYTES, 0, bytes.length / ENTRY_BYTES));
        int count = all.content.count();
        int valid = 0;
        while (valid < count && follows(all, valid)) {
            valid++;
        }
        boolean whole = bytes.length % ENTRY_BYTES == 0;
        for (int i = valid; i < count; i++) {
            whole &= isFiller(all, i, valid - 1);
        }
        IndexFile.Content content = valid == count && whole ? all.content : all.content.upTo(valid);
        return new IndexFile.Found(content, valid, whole);
    }

    private static boolean follows(Entries all, int i) {
        long timestampMs = all.timestampMs(i);
        int offset = all.relativeOffset(i);
        if (i == 0) {
            return timestampMs >= 0 && offset >= 0 && (timestampMs > 0 || offset > 0);
        }
        return timestampMs > all.timestampMs(i - 1) && offset > all.relativeOffset(i - 1);
    }

    /** Preallocated files end in zeros, and Apache repeats the last entry when it closes a segment. Anything else is damage. */
    private static boolean isFiller(Entries all, int i, int last) {
        long timestampMs = all.timestampMs(i);
        int offset = all.relativeOffset(i);
        return (timestampMs == 0 && offset == 0)
                || (last >= 0 && timestampMs == all.timestampMs(last) && offset == all.relativeOffset(last));
    }
}
