package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The aborted transactions that end in one segment, for read_committed consumers; almost always empty, and then without a file.
 *
 * <p>File: entries of 34 bytes: version (2), producer id, first offset, offset of the abort marker, last stable offset after it (8
 * each). Changed by the log's loop, looked up by any thread, the file written by one thread at a time (monitor).
 */
final class TransactionIndex {

    private static final int ENTRY_BYTES = 34;
    private static final short VERSION = 0;

    /** One aborted transaction. */
    record Aborted(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}

    private final FileStore store;
    private final SegmentPaths paths;
    private volatile @Nullable List<Aborted> entries;
    private boolean dirty;

    TransactionIndex(FileStore store, SegmentPaths paths, @Nullable List<Aborted> entries) {
        this.store = store;
        this.paths = paths;
        this.entries = entries;
    }

    /** In the order in which they were decided. */
    List<Aborted> entries() throws IOException {
        List<Aborted> current = entries;
        if (current == null) {
            synchronized (this) {
                current = entries;
                if (current == null) {
                    current = read(store, path());
                    entries = current;
                }
            }
        }
        return current;
    }

    synchronized void append(Aborted aborted) throws IOException {
        List<Aborted> longer = new ArrayList<>(entries());
        longer.add(aborted);
        entries = List.copyOf(longer);
        dirty = true;
    }

    /** Drops what was decided at or above an offset. */
    synchronized void truncate(long offset) throws IOException {
        List<Aborted> kept =
                entries().stream().filter(a -> a.lastOffset() < offset).toList();
        dirty |= kept.size() != entries().size();
        entries = kept;
    }

    /** Forgets everything, whatever the file holds. */
    synchronized void clear() {
        entries = List.of();
        dirty = true;
    }

    /** Writes the file and syncs it, if anything changed. */
    synchronized void writeFile() throws IOException {
        List<Aborted> current = entries;
        if (!dirty || current == null) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate(current.size() * ENTRY_BYTES);
        for (Aborted aborted : current) {
            bytes.putShort(VERSION)
                    .putLong(aborted.producerId)
                    .putLong(aborted.firstOffset)
                    .putLong(aborted.lastOffset)
                    .putLong(aborted.lastStableOffset);
        }
        bytes.flip();
        try (FileChannel file = store.open(path(), FileStore.Mode.CREATE)) {
            while (bytes.hasRemaining()) {
                file.write(bytes, bytes.position());
            }
            file.truncate(bytes.limit());
            file.force(true);
        }
        dirty = false;
    }

    Path path() {
        return paths.transactionIndex();
    }

    /** Reads a file; entries after a torn or foreign one are not taken. */
    private static List<Aborted> read(FileStore store, Path file) throws IOException {
        return store.exists(file) ? parse(ByteBuffer.wrap(store.readAll(file))) : List.of();
    }

    /** Whether the file has nothing but entries that can be of a segment with that base offset. */
    static boolean isWhole(FileStore store, Path file, long baseOffset) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(store.readAll(file));
        List<Aborted> entries = parse(bytes);
        return entries.size() * ENTRY_BYTES == bytes.limit()
                && entries.stream()
                        .allMatch(
                                a -> a.lastOffset >= baseOffset && a.firstOffset >= 0 && a.firstOffset <= a.lastOffset);
    }

    private static List<Aborted> parse(ByteBuffer bytes) {
        List<Aborted> entries = new ArrayList<>();
        long lastOffset = -1;
        while (bytes.remaining() >= ENTRY_BYTES && bytes.getShort() == VERSION) {
            Aborted aborted = new Aborted(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
            if (aborted.lastOffset <= lastOffset) {
                break;
            }
            lastOffset = aborted.lastOffset;
            entries.add(aborted);
        }
        return List.copyOf(entries);
    }
}
