package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one sparse index of a segment, each of the same size, and their file.
 *
 * <p>In memory are, in the file's own form, the entries from some number on: always those that the file lacks and the last few, so that
 * appends and look-ups near the end need no disk. Those before them are read when they are needed and given up when {@link IndexMemory}
 * wants their room. The log's loop appends and cuts, any thread looks up, the file is written by one thread at a time (monitor).
 */
final class IndexFile {

    /** Entries that stay in memory. */
    private static final int KEPT = 16;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();

    /**
     * Entries {@code first} to {@code count}, exclusive. Immutable, though {@code bytes} is shared by all versions of a growing index and
     * may hold more.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(byte[] bytes, int entryBytes, int first, int count) {

        static Content empty(int entryBytes) {
            return new Content(new byte[0], entryBytes, 0, 0);
        }

        long longAt(int entry, int at) {
            return (long) LONG.get(bytes, (entry - first) * entryBytes + at);
        }

        int intAt(int entry, int at) {
            return (int) INT.get(bytes, (entry - first) * entryBytes + at);
        }

        /** The last entry whose 8-byte key is at or below the given; {@code first - 1} when none in memory is. */
        int floorOfLong(int at, long key) {
            int low = first;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (longAt(middle, at) <= key) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high;
        }

        /** As {@link #floorOfLong} for a 4-byte key. */
        int floorOfInt(int at, long key) {
            int low = first;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (intAt(middle, at) <= key) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high;
        }

        /** The same entries up to a number, in an array of their own. */
        Content upTo(int end) {
            return from(first, end);
        }

        private Content from(int start, int end) {
            byte[] copy = Arrays.copyOfRange(bytes, (start - first) * entryBytes, (end - first) * entryBytes);
            return new Content(copy, entryBytes, start, end);
        }

        /** These entries up to where {@code tail} begins, then those of the tail. */
        private Content with(Content tail) {
            byte[] joined = Arrays.copyOf(bytes, tail.count * entryBytes);
            System.arraycopy(tail.bytes, 0, joined, tail.first * entryBytes, (tail.count - tail.first) * entryBytes);
            return new Content(joined, entryBytes, 0, tail.count);
        }
    }

    /**
     * What a file holds.
     *
     * @param content its leading valid entries
     * @param inFile how many of them stand in the file at their places
     * @param whole nothing else is in the file
     */
    record Found(Content content, int inFile, boolean whole) {}

    /** Reads the file. */
    interface Reader {
        Found read() throws IOException;
    }

    /** Makes the index again from its segment; afterwards it is in memory. */
    interface Rebuild {
        void run() throws IOException;
    }

    private final FileStore store;
    private final Supplier<Path> path;
    private final IndexMemory memory;
    private final Reader reader;
    private final Rebuild rebuild;
    private final AtomicReference<@Nullable Content> content;
    private final AtomicBoolean queued = new AtomicBoolean();
    private volatile int entriesInFile;
    private volatile boolean usedLately;
    private volatile boolean headLost;
    private boolean unsynced;

    /** @param content what it holds; null to read the file when it is first needed */
    IndexFile(
            FileStore store,
            Supplier<Path> path,
            IndexMemory memory,
            @Nullable Content content,
            Reader reader,
            Rebuild rebuild) {
        this.store = store;
        this.path = path;
        this.memory = memory;
        this.content = new AtomicReference<>(content);
        this.reader = reader;
        this.rebuild = rebuild;
    }

    /** What is in memory; null when nothing is. */
    @Nullable
    Content loaded() {
        return content.get();
    }

    /** All entries; those of a growing index whose file turned out to be damaged begin where memory does. */
    Content all() throws IOException {
        usedLately = true;
        Content current = content.get();
        if (current != null && (current.first == 0 || headLost)) {
            return current;
        }
        Found found = reader.read();
        while (true) {
            current = content.get();
            Content joined;
            if (current == null) {
                if (!found.whole) {
                    LogEvents.LOG.warn("{}: missing or damaged; it is made again from the segment", path.get());
                    rebuild.run();
                    return Objects.requireNonNull(content.get());
                }
                joined = found.content;
                entriesInFile = found.inFile;
            } else if (current.first == 0) {
                return current;
            } else if (found.content.count < current.first) {
                headLost = true;
                LogEvents.LOG.warn(
                        "{}: damaged; look-ups in the older part of the segment are slow until it is read again at the next start",
                        path.get());
                return current;
            } else {
                joined = found.content.with(current);
            }
            if (content.compareAndSet(current, joined)) {
                memory.changed(this, joined.bytes.length - length(current));
                return joined;
            }
        }
    }

    /** Entries that include the last whose 8-byte key is at or below the given, unless there is none. */
    Content coveringLong(int at, long key) throws IOException {
        Content current = content.get();
        return current != null && current.count > current.first && current.longAt(current.first, at) <= key
                ? current
                : all();
    }

    /** As {@link #coveringLong} for a 4-byte key. */
    Content coveringInt(int at, long key) throws IOException {
        Content current = content.get();
        if (current == null || current.count == current.first || current.intAt(current.first, at) > key) {
            return all();
        }
        // A look-up that the few entries which always stay would answer is no reason to keep the others.
        usedLately |= current.intAt(Math.max(current.first, current.count - KEPT), at) > key;
        return current;
    }

    /** Adds an entry: 8 bytes, then 4 more where entries are that long. */
    void append(long head, int tail) {
        while (true) {
            Content current = current();
            int at = (current.count - current.first) * current.entryBytes;
            byte[] bytes = current.bytes;
            if (at == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(KEPT * current.entryBytes, 2 * at));
            }
            LONG.set(bytes, at, head);
            if (current.entryBytes > Long.BYTES) {
                INT.set(bytes, at + Long.BYTES, tail);
            }
            Content longer = new Content(bytes, current.entryBytes, current.first, current.count + 1);
            if (content.compareAndSet(current, longer)) {
                if (bytes.length > current.bytes.length) {
                    memory.changed(this, bytes.length - current.bytes.length);
                }
                return;
            }
        }
    }

    /** Drops all but as many leading entries as {@code keep} says; the log's loop. */
    synchronized void truncate(ToIntFunction<Content> keep) throws IOException {
        Content current = all();
        int kept = keep.applyAsInt(current);
        // Entries that cannot be read might be those to drop: then all go.
        Content cut = current.first > 0 && kept <= current.first
                ? Content.empty(current.entryBytes)
                : current.upTo(kept); // A copy: readers of the old array must not see later appends in it.
        entriesInFile = Math.min(entriesInFile, cut.count);
        // Whatever is in memory by now holds the same entries: only the calling loop adds and drops any.
        Content before = content.getAndSet(cut);
        memory.changed(this, cut.bytes.length - length(before));
    }

    /** Puts what was rebuilt from the segment in place of everything. */
    synchronized void replace(Content rebuilt) {
        entriesInFile = 0;
        headLost = false;
        Content before = content.getAndSet(rebuilt);
        memory.changed(this, rebuilt.bytes.length - length(before));
    }

    /** Gives its memory back: the segment is gone. */
    void release() {
        memory.changed(this, -length(content.getAndSet(null)));
    }

    /** Gives up what the file has; false if it was used lately or changes just now, so that it is to be asked again. */
    boolean shrink() {
        Content current = content.get();
        if (current == null) {
            return true;
        }
        if (usedLately) {
            usedLately = false;
            return false;
        }
        int first = Math.max(current.first, Math.min(entriesInFile, current.count - KEPT));
        if (first == current.first) {
            return true;
        }
        Content smaller = current.from(first, current.count);
        if (!content.compareAndSet(current, smaller)) {
            return false;
        }
        memory.changed(this, smaller.bytes.length - current.bytes.length);
        return true;
    }

    /** Whether it is to be put into the queue of {@link IndexMemory} now. */
    boolean enters() {
        return queued.compareAndSet(false, true);
    }

    void leaves() {
        queued.set(false);
    }

    /**
     * Writes the entries the file lacks and cuts off what it has too many.
     *
     * @param sync also makes them durable: below the recovery point an index is taken as it lies
     */
    synchronized void writeFile(boolean sync) throws IOException {
        Content current = content.get();
        if (current == null) {
            return; // Never loaded, so never changed.
        }
        try (FileChannel file = store.open(path.get(), FileStore.Mode.CREATE)) {
            int entryBytes = current.entryBytes;
            int missing = current.count - entriesInFile;
            if (missing > 0) {
                int from = (entriesInFile - current.first) * entryBytes;
                ByteBuffer bytes = ByteBuffer.wrap(current.bytes, from, missing * entryBytes);
                long position = (long) entriesInFile * entryBytes;
                while (bytes.hasRemaining()) {
                    position += file.write(bytes, position);
                }
            }
            long size = (long) current.count * entryBytes;
            boolean tooLong = file.size() > size;
            if (tooLong) {
                file.truncate(size);
            }
            unsynced |= missing > 0 || tooLong;
            if (sync && unsynced) {
                // A failure takes the directory offline, so nobody asks any more what the file holds.
                file.force(true);
                unsynced = false;
            }
            entriesInFile = current.count;
        }
    }

    private Content current() {
        Content current = content.get();
        if (current == null) {
            throw new IllegalStateException(path.get() + ": an index that is not loaded cannot be changed");
        }
        return current;
    }

    private static int length(@Nullable Content content) {
        return content == null ? 0 : content.bytes.length;
    }
}
