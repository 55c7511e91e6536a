package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * A disk in memory that can lose power: then of each file what was not synced survives by sectors, at random, and of each directory
 * some prefix of the changes that were not synced. It can also fill up or fail. One thread.
 */
public final class SimulatedDisk implements FileStore {

    private static final int SECTOR_BYTES = 512;
    private static final int PAGE_BYTES = 4096;

    private static final class Inode {
        /** Pages of 4 KiB that the kernel has in memory. */
        final BitSet cached = new BitSet();

        byte[] bytes = new byte[0];
        int size;
        long reservedTo;
        byte[] durableBytes = new byte[0];
        int durableSize;
    }

    private interface Entry {
        void apply(Map<Path, Inode> entries);
    }

    private record Change(Path directory, Entry entry) {}

    private final Random random;
    private Map<Path, Inode> files = new TreeMap<>();
    private Map<Path, Inode> durableFiles = new TreeMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final Set<Path> directories = new HashSet<>();
    private final Set<Path> locks = new HashSet<>();
    private int boots;
    private long freeBytes = Long.MAX_VALUE;
    private boolean failSync;
    private boolean failReads;
    private Path broken;
    private int coldReads;
    private Path counted;
    private long countedBytes;
    private int syncsOfSegments;
    private Runnable afterTruncation = () -> {};
    private int changesUntilCut = Integer.MAX_VALUE;

    /** Thrown where power goes; nothing that follows happens. */
    static final class PowerCut extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Lets power go before the change after so many: a write, a sync, or a change of a directory. */
    void cutPowerAfter(int changes) {
        changesUntilCut = changes;
    }

    private void beforeChange() {
        if (changesUntilCut == 0) {
            throw new PowerCut();
        }
        changesUntilCut--;
    }

    public SimulatedDisk(Random random) {
        this.random = random;
    }

    /** Every read, write and sync of files below the directory fails from now on. */
    void breakDown(Path directory) {
        broken = directory;
    }

    private void checkWorks(Path file) throws IOException {
        if (broken != null && file.startsWith(broken)) {
            throw new IOException("Input/output error");
        }
    }

    void setFreeBytes(long bytes) {
        freeBytes = bytes;
    }

    void failSync() {
        failSync = true;
    }

    /** How often the records of a segment were synced. */
    int syncsOfSegments() {
        return syncsOfSegments;
    }

    /** Runs something whenever a file has been cut, as another thread might. */
    void afterTruncation(Runnable action) {
        afterTruncation = action;
    }

    /** As after a restart of the machine: every first read of a page waits for the disk. */
    void dropPageCache() {
        files.values().forEach(inode -> inode.cached.clear());
    }

    long cachedBytes(Path file) throws IOException {
        return (long) inode(file).cached.cardinality() * PAGE_BYTES;
    }

    /** How often a page was read that was not in memory. */
    int coldReads() {
        return coldReads;
    }

    private void touch(Inode inode, long position, long bytes, boolean reading) {
        long end = Math.min(position + bytes, reading ? inode.size : Long.MAX_VALUE);
        for (int page = (int) (position / PAGE_BYTES); (long) page * PAGE_BYTES < end; page++) {
            coldReads += reading && !inode.cached.get(page) ? 1 : 0;
            inode.cached.set(page);
        }
    }

    @Override
    public long prefetch(Path file, long position, long sizeBytes, long limit) throws IOException {
        checkWorks(file);
        touch(inode(file), position, sizeBytes, true);
        return position + sizeBytes;
    }

    @Override
    public void giveUpCache(Path file, long from, long dropTo, long to) {
        Inode inode = files.get(file);
        if (inode != null) {
            inode.cached.clear((int) Math.ceilDiv(from, PAGE_BYTES), (int)
                    Math.max(Math.ceilDiv(from, PAGE_BYTES), dropTo / PAGE_BYTES));
        }
    }

    /** Counts from now on what is read of a file. */
    void countReads(Path file) {
        counted = file;
        countedBytes = 0;
    }

    long countedBytes() {
        return countedBytes;
    }

    void failReads() {
        failReads = true;
    }

    /** Power goes and comes back. */
    public void losePower() {
        changesUntilCut = Integer.MAX_VALUE;
        boots++;
        locks.clear();
        Map<Path, List<Change>> byDirectory = new TreeMap<>();
        for (Change change : changes) {
            byDirectory
                    .computeIfAbsent(change.directory, d -> new ArrayList<>())
                    .add(change);
        }
        for (List<Change> unsynced : byDirectory.values()) {
            int survive = random.nextInt(unsynced.size() + 1);
            unsynced.subList(0, survive).forEach(change -> change.entry.apply(durableFiles));
        }
        changes.clear();
        files = new TreeMap<>(durableFiles);
        new LinkedHashSet<>(files.values()).forEach(this::tear); // in the order of names, so that seeds repeat
    }

    private void tear(Inode inode) {
        int size = inode.durableSize
                + random.nextInt(Math.abs(inode.size - inode.durableSize) + 1)
                        * Integer.signum(inode.size - inode.durableSize);
        byte[] result = new byte[size];
        for (int at = 0; at < size; at += SECTOR_BYTES) {
            boolean takeNew = random.nextBoolean();
            byte[] source = takeNew ? inode.bytes : inode.durableBytes;
            int known = takeNew ? inode.size : inode.durableSize;
            int end = Math.min(Math.min(at + SECTOR_BYTES, size), known);
            if (end > at) {
                System.arraycopy(source, at, result, at, end - at);
            }
        }
        inode.bytes = result;
        inode.size = size;
        inode.durableBytes = result.clone();
        inode.durableSize = size;
    }

    private void change(Path path, Entry entry) {
        beforeChange();
        entry.apply(files);
        changes.add(new Change(path.getParent(), entry));
    }

    @Override
    public FileChannel open(Path file, Mode mode) throws IOException {
        Inode inode = files.get(file);
        if (inode == null) {
            if (mode != Mode.CREATE) {
                throw new NoSuchFileException(file.toString());
            }
            if (!directories.contains(file.getParent())) {
                throw new NoSuchFileException(file.getParent().toString());
            }
            Inode created = new Inode();
            change(file, entries -> entries.put(file, created));
            inode = created;
        }
        return new Channel(inode, file);
    }

    @Override
    public long bringInFreeSpaceMaps(Path directory, BooleanSupplier goOn) {
        return 0; // It has no maps.
    }

    @Override
    public void reserve(Path file, long position, long sizeBytes) {
        Inode inode = files.get(file);
        if (inode != null) {
            inode.reservedTo = position + sizeBytes;
        }
    }

    @Override
    public void releaseReserved(Path file) throws IOException {
        inode(file).reservedTo = 0;
    }

    /** How much is reserved beyond the end of a file. */
    long reservedBytes(Path file) throws IOException {
        return Math.max(0, inode(file).reservedTo - inode(file).size);
    }

    @Override
    public boolean exists(Path path) {
        return files.containsKey(path) || directories.contains(path);
    }

    @Override
    public long sizeBytes(Path file) throws IOException {
        return inode(file).size;
    }

    @Override
    public long lastModifiedMs(Path file) {
        return LogHarness.NOW_MS;
    }

    private Inode inode(Path file) throws IOException {
        Inode inode = files.get(file);
        if (inode == null) {
            throw new NoSuchFileException(file.toString());
        }
        return inode;
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        if (!directories.contains(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        Set<Path> found = new HashSet<>();
        files.keySet().stream().filter(p -> p.getParent().equals(directory)).forEach(found::add);
        directories.stream().filter(p -> directory.equals(p.getParent())).forEach(found::add);
        return List.copyOf(found);
    }

    @Override
    public boolean isDirectory(Path path) {
        return directories.contains(path);
    }

    @Override
    public void createDirectories(Path directory) {
        for (Path path = directory; path != null; path = path.getParent()) {
            directories.add(path);
        }
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        if (directories.contains(from)) {
            directories.remove(from);
            directories.add(to);
            rekey(files, from, to);
            rekey(durableFiles, from, to);
            return;
        }
        inode(from);
        change(to, entries -> {
            Inode moved = entries.remove(from);
            if (moved != null) {
                entries.put(to, moved);
            }
        });
    }

    private static void rekey(Map<Path, Inode> entries, Path from, Path to) {
        for (Path path : List.copyOf(entries.keySet())) {
            if (path.startsWith(from)) {
                entries.put(to.resolve(from.relativize(path)), entries.remove(path));
            }
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        if (directories.contains(path)) {
            if (!list(path).isEmpty()) {
                throw new IOException(path + " is not empty");
            }
            directories.remove(path);
        } else if (files.containsKey(path)) {
            change(path, entries -> entries.remove(path));
        }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        beforeChange();
        if (failSync) {
            throw new IOException("Input/output error");
        }
        changes.removeIf(change -> {
            if (change.directory.equals(directory)) {
                change.entry.apply(durableFiles);
                return true;
            }
            return false;
        });
    }

    @Override
    public long totalBytes(Path path) {
        return Long.MAX_VALUE;
    }

    @Override
    public long usableBytes(Path path) {
        return freeBytes;
    }

    @Override
    public Lock lock(Path file) throws IOException {
        if (!locks.add(file)) {
            throw new IOException(file + " is locked");
        }
        return () -> locks.remove(file);
    }

    @Override
    public String bootId() {
        return "boot-" + boots;
    }

    private final class Channel extends FileChannel {
        private final Inode inode;
        private final Path path;

        Channel(Inode inode, Path path) {
            this.inode = inode;
            this.path = path;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            touch(inode, position, target.remaining(), true);
            checkWorks(path);
            if (failReads) {
                throw new IOException("Input/output error");
            }
            if (position >= inode.size) {
                return target.hasRemaining() ? -1 : 0;
            }
            int count = (int) Math.min(target.remaining(), inode.size - position);
            if (path.equals(counted)) {
                countedBytes += count;
            }
            target.put(inode.bytes, (int) position, count);
            return count;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            checkWorks(path);
            beforeChange();
            int count = source.remaining();
            touch(inode, position, count, false);
            int end = Math.toIntExact(position + count);
            if (end - (long) inode.size > freeBytes) {
                throw new IOException("No space left on device");
            }
            if (end > inode.bytes.length) {
                inode.bytes = Arrays.copyOf(inode.bytes, Math.max(end, inode.bytes.length * 2));
            }
            if (position > inode.size) {
                Arrays.fill(inode.bytes, inode.size, (int) position, (byte) 0);
            }
            source.get(inode.bytes, (int) position, count);
            if (end > inode.size && freeBytes != Long.MAX_VALUE) {
                freeBytes -= end - inode.size;
            }
            inode.size = Math.max(inode.size, end);
            return count;
        }

        @Override
        public long size() {
            return inode.size;
        }

        @Override
        public FileChannel truncate(long size) {
            beforeChange();
            inode.size = (int) Math.min(inode.size, size);
            inode.reservedTo = 0;
            afterTruncation.run();
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            checkWorks(path);
            beforeChange();
            if (failSync) {
                throw new IOException("Input/output error");
            }
            if (path.toString().endsWith(LogFileNames.LOG)) {
                syncsOfSegments++;
            }
            inode.durableBytes = Arrays.copyOf(inode.bytes, inode.size);
            inode.durableSize = inode.size;
        }

        @Override
        protected void implCloseChannel() {}

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long newPosition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            throw new FileNotFoundException("not simulated");
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
