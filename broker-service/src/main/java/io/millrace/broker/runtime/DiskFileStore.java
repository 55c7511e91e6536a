package io.millrace.broker.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The machine's file systems. */
enum DiskFileStore implements FileStore {
    INSTANCE;

    private static final Path LINUX_BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path NOWHERE = Path.of("/dev/null");
    private static final long KNOWN_AHEAD_BYTES = 32L << 20;
    private static final Set<StandardOpenOption> READ = Set.of(StandardOpenOption.READ);
    private static final Set<StandardOpenOption> WRITE = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Set<StandardOpenOption> CREATE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);

    @Override
    public FileChannel open(Path file, Mode mode) throws IOException {
        return FileChannel.open(
                file,
                switch (mode) {
                    case READ -> READ;
                    case WRITE -> WRITE;
                    case CREATE -> CREATE;
                });
    }

    @Override
    public long prefetch(Path file, long position, long sizeBytes, long limit) throws IOException {
        if (sizeBytes <= 0) {
            return position;
        }
        // What was written a while ago is often there as a whole: to know that for long spares the readers who follow a
        // detour each.
        long far = Math.min(limit, position + KNOWN_AHEAD_BYTES);
        if (isThere(file, position, far)) {
            // The kernel counts pages that are on their way: all but the last will have come when the last has.
            bring(file, far - 1, far);
            return far;
        }
        long end = position + sizeBytes;
        bring(file, isThere(file, position, end) ? end - 1 : position, end);
        return end;
    }

    private static boolean isThere(Path file, long position, long end) {
        return Cache.OF_FILES
                .map(cache -> cache.holds(file, position, end - position))
                .orElse(false);
    }

    /** By sendfile, which copies nothing: what counts is that the kernel has the pages then. */
    private static void bring(Path file, long position, long end) throws IOException {
        try (FileChannel from = FileChannel.open(file, READ);
                FileChannel nowhere = FileChannel.open(NOWHERE, StandardOpenOption.WRITE)) {
            long moved = 1;
            for (long at = position; moved > 0 && at < end; at += moved) {
                moved = from.transferTo(at, end - at, nowhere);
            }
        }
    }

    @Override
    public void giveUpCache(Path file, long from, long dropTo, long to) {
        Cache.OF_FILES.ifPresent(cache -> cache.giveUp(file, from, dropTo, to));
    }

    @Override
    public long bringInFreeSpaceMaps(Path directory, BooleanSupplier goOn) throws IOException {
        return Maps.OF_FREE_SPACE.isPresent() ? Maps.OF_FREE_SPACE.get().bringIn(directory, goOn) : 0;
    }

    @Override
    public void reserve(Path file, long position, long sizeBytes) {
        Space.OF_FILES.ifPresent(space -> space.reserve(file, position, sizeBytes));
    }

    @Override
    public void releaseReserved(Path file) throws IOException {
        long lengthBytes = Files.size(file);
        Space.OF_FILES.ifPresent(space -> space.release(file, lengthBytes));
    }

    /** Linked when the first cold read or a long copy needs it, not at every start. */
    private static final class Cache {
        private static final Optional<PageCache> OF_FILES = PageCache.ofThisSystem();
    }

    /** Linked when the start is over. */
    private static final class Maps {
        private static final Optional<FreeSpaceMaps> OF_FREE_SPACE = FreeSpaceMaps.ofThisSystem();
    }

    /** Linked when the first log needs it, not at every start. */
    private static final class Space {
        private static final Optional<FileSpace> OF_FILES = FileSpace.ofThisSystem();
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public long sizeBytes(Path file) throws IOException {
        return Files.size(file);
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(path);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long totalBytes(Path path) throws IOException {
        return Files.getFileStore(path).getTotalSpace();
    }

    @Override
    public long usableBytes(Path path) throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }

    @Override
    public Lock lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, CREATE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel::close;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException(file + " is locked by this process already", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new IOException(file + " is locked by another process");
    }

    @Override
    public String bootId() {
        try {
            return Files.readString(LINUX_BOOT_ID).strip();
        } catch (IOException e) {
            return ""; // Not Linux: every restart is treated as one after a power loss.
        }
    }
}
