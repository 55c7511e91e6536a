package io.millrace.broker.log;

import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The {@code .log} file of a segment, opened when it is used and shared by all who use it at one time. Any thread.
 *
 * <p>Its monitor is held for one open, close or rename at the longest, never during reads, writes or fsync.
 */
final class SegmentFile {

    private final FileStore store;
    private final OpenFiles openFiles;
    private Path path;
    private @Nullable FileChannel channel;
    private int users;
    private boolean removed;
    private boolean usedLately;

    SegmentFile(FileStore store, OpenFiles openFiles, Path path) {
        this.store = store;
        this.openFiles = openFiles;
        this.path = path;
    }

    /** The open channel; give it back with {@link #release}. */
    FileChannel acquire() throws IOException {
        boolean opened = false;
        FileChannel result;
        synchronized (this) {
            usedLately = true;
            result = channel;
            if (result == null) {
                result = store.open(path, removed ? FileStore.Mode.READ : FileStore.Mode.WRITE);
                channel = result;
                opened = true;
            }
            users++;
        }
        if (opened) {
            openFiles.opened(this);
        }
        return result;
    }

    void release() {
        boolean closed = false;
        synchronized (this) {
            if (users <= 0) {
                throw new IllegalStateException(path + " was released more often than acquired");
            }
            users--;
            if (users == 0 && removed && channel != null) {
                close(channel);
                channel = null;
                closed = true;
            }
        }
        if (closed) {
            openFiles.closed(this);
        }
    }

    /** Makes the file; there is none of that name. */
    void create(int preallocateBytes) throws IOException {
        synchronized (this) {
            channel = store.open(path, FileStore.Mode.CREATE);
            usedLately = true;
            channel.truncate(0);
            if (preallocateBytes > 0) {
                channel.write(ByteBuffer.allocate(1), preallocateBytes - 1L);
            }
        }
        openFiles.opened(this);
    }

    /** Closes it unless it is in use or was used since the last call; whether it is closed now. */
    boolean closeIfIdle() {
        synchronized (this) {
            if (users > 0) {
                return false;
            }
            if (usedLately) {
                usedLately = false;
                return false;
            }
            if (channel == null) {
                return true;
            }
            close(channel);
            channel = null;
        }
        openFiles.evicted();
        return true;
    }

    /** Closes it if nobody uses it; it may be opened again. */
    void closeNow() {
        boolean closed = false;
        synchronized (this) {
            if (users == 0 && channel != null) {
                close(channel);
                channel = null;
                closed = true;
            }
        }
        if (closed) {
            openFiles.closed(this);
        }
    }

    synchronized Path path() {
        return path;
    }

    synchronized void rename(Path to) throws IOException {
        store.move(path, to);
        path = to;
    }

    /** The directory was renamed or copied: the file has the same name in another one. */
    synchronized void movedTo(Path directory) {
        path = directory.resolve(path.getFileName());
    }

    /** Removes the file; who still uses it reads on, then the space is given back. */
    void remove() throws IOException {
        boolean closed = false;
        synchronized (this) {
            removed = true;
            store.delete(path);
            if (users == 0 && channel != null) {
                close(channel);
                channel = null;
                closed = true;
            }
        }
        if (closed) {
            openFiles.closed(this);
        }
    }

    /** A range of the file for the network; its receiver releases it. */
    FileSlice slice(long position, int sizeBytes) throws IOException {
        return new Slice(this, acquire(), position, sizeBytes);
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Data and errors of writes are fsync's business; closing has no meaning for them.
            LogEvents.LOG.warn("could not close a segment file", e);
        }
    }

    private static final class Slice extends FileSlice {
        private static final VarHandle RELEASED;

        static {
            try {
                RELEASED = MethodHandles.lookup().findVarHandle(Slice.class, "released", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final SegmentFile file;
        private final FileChannel channel;
        private final long position;
        private final int sizeBytes;

        @SuppressWarnings("UnusedVariable") // by RELEASED
        private volatile boolean released;

        private Slice(SegmentFile file, FileChannel channel, long position, int sizeBytes) {
            this.file = file;
            this.channel = channel;
            this.position = position;
            this.sizeBytes = sizeBytes;
        }

        @Override
        public FileChannel channel() {
            return channel;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public int sizeInBytes() {
            return sizeBytes;
        }

        @Override
        public void release() {
            if (!RELEASED.compareAndSet(this, false, true)) {
                throw new IllegalStateException("a slice of " + file.path() + " was released twice");
            }
            file.release();
        }
    }
}
