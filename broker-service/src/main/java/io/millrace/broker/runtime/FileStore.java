package io.millrace.broker.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The file system as storage sees it: every file the broker keeps is opened, renamed, listed and synced here, so that a test can put
 * a disk in its place that tears writes and forgets what was not synced. Any thread.
 *
 * <p>Channels are shared between threads, so threads that use them must not be interrupted: that would close the channel for all.
 */
public interface FileStore {

    /** How a file is opened. */
    enum Mode {
        /** The file must exist; it is only read. */
        READ,
        /** The file must exist; it is read and written. */
        WRITE,
        /** Read and written; made if it does not exist. */
        CREATE
    }

    /** Whoever is given one holds the file of that name against every other process until it closes it. */
    interface Lock extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    FileChannel open(Path file, Mode mode) throws IOException;

    /**
     * Brings a range of a file into the page cache; waits for the disk where it is not there.
     *
     * @param limit where the file ends
     * @return up to where the file is in the page cache then: beyond the range if much more of it was there already
     */
    long prefetch(Path file, long position, long sizeBytes, long limit) throws IOException;

    /**
     * Says that {@code from} to {@code to} of a file will not be read soon: it begins to be written to the disk, and what is there already
     * leaves the page cache, up to {@code dropTo}. A hint: nothing is wrong where it cannot be done.
     */
    void giveUpCache(Path file, long from, long dropTo, long to);

    /**
     * Brings the file system's maps of free space into memory, so that nobody waits for the disk while blocks are found for a file. A hint:
     * nothing is wrong where it cannot be done. Waits for the disk.
     *
     * @param goOn asked now and then
     * @return bytes of the file system whose maps are in memory now, as far as is known
     */
    long bringInFreeSpaceMaps(Path directory, BooleanSupplier goOn) throws IOException;

    /**
     * Reserves disk space for a range of a file beyond its end; the file keeps its length. A hint: nothing is wrong where it cannot be
     * done. Waits for the file system.
     */
    void reserve(Path file, long position, long sizeBytes);

    /** Gives back all that is reserved beyond the end of a file that nobody appends to. Waits for the file system. */
    void releaseReserved(Path file) throws IOException;

    boolean exists(Path path);

    long sizeBytes(Path file) throws IOException;

    /** When the file was last written, in milliseconds since the Unix epoch. */
    long lastModifiedMs(Path file) throws IOException;

    /** Entries of a directory, in no order. */
    List<Path> list(Path directory) throws IOException;

    boolean isDirectory(Path path);

    void createDirectories(Path directory) throws IOException;

    /** Renames in one step; a file that had the new name is gone. Durable after {@link #syncDirectory}. */
    void move(Path from, Path to) throws IOException;

    /** Removes a file or an empty directory; nothing happens when there is none. */
    void delete(Path path) throws IOException;

    /** Makes the creation, renaming and removal of the directory's entries durable. */
    void syncDirectory(Path directory) throws IOException;

    long totalBytes(Path path) throws IOException;

    long usableBytes(Path path) throws IOException;

    /** Locks a file, made if need be; throws an {@link IOException} at once when another process, or this one, holds it. */
    Lock lock(Path file) throws IOException;

    /**
     * Names the life of the machine's page cache: the same as at an earlier time only if every write that had returned then is still
     * readable, even if it was never synced. Empty when that cannot be told.
     */
    String bootId();

    /** The whole content of a small file. */
    default byte[] readAll(Path file) throws IOException {
        try (FileChannel channel = open(file, Mode.READ)) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
            while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
                // reads go on until the buffer is full or the file, cut meanwhile, has ended
            }
            return java.util.Arrays.copyOf(content.array(), content.position());
        }
    }

    /** Replaces a small file in one step: after a crash it has the old content or the new. Durable on return if {@code sync}. */
    default void replace(Path file, byte[] content, boolean sync) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = open(temporary, Mode.CREATE)) {
            channel.truncate(0);
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes, bytes.position());
            }
            if (sync) {
                channel.force(true);
            }
        }
        move(temporary, file);
        if (sync) {
            syncParent(file);
        }
    }

    /** Makes the creation, renaming or removal of this file or directory itself durable. */
    default void syncParent(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            syncDirectory(parent);
        }
    }

    /** The machine's file systems. */
    static FileStore disk() {
        return DiskFileStore.INSTANCE;
    }
}
