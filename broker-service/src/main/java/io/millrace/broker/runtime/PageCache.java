package io.millrace.broker.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What of a file is in the page cache, and that it need not be: {@code cachestat(2)} (Linux 6.5 and later), {@code sync_file_range(2)} and
 * {@code posix_fadvise(2)}, which Java has no names for. Any thread; does not wait for the disk, but where the disk's queue is full.
 *
 * <p>Pages that are still on their way from the disk count as there.
 */
@SuppressWarnings("restricted") // native access is what it is for
final class PageCache {

    /** The same number on every architecture. */
    private static final long SYS_CACHESTAT = 451;

    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final int POSIX_FADV_DONTNEED = 4;

    /** Of pages, the smallest there is: where pages are larger, a range never seems to be there as a whole. */
    private static final long PAGE_BYTES = 4096;

    /** {@code struct cachestat_range}: offset, length. */
    private static final MemoryLayout RANGE = MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_LONG);

    /** {@code struct cachestat}: pages there, dirty, being written, evicted, recently evicted. */
    private static final MemoryLayout COUNTS = MemoryLayout.sequenceLayout(5, ValueLayout.JAVA_LONG);

    private final FileDescriptors files;
    private final MethodHandle cachestat;
    private final MethodHandle syncFileRange;
    private final MethodHandle fadvise;

    private PageCache(Linker linker, MemorySegment syscallAddress) {
        files = new FileDescriptors(linker);
        FunctionDescriptor ofRange = FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT);
        syncFileRange = linker.downcallHandle(linker.defaultLookup().findOrThrow("sync_file_range"), ofRange);
        fadvise = linker.downcallHandle(linker.defaultLookup().findOrThrow("posix_fadvise"), ofRange);
        cachestat = linker.downcallHandle(
                syscallAddress,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(1));
    }

    /** Empty where the kernel cannot be asked. */
    static Optional<PageCache> ofThisSystem() {
        if (!System.getProperty("os.name").equals("Linux") || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find("syscall").map(address -> new PageCache(linker, address));
    }

    /** Whether a range of a file is there as a whole; false too where the kernel does not say. */
    boolean holds(Path file, long position, long sizeBytes) {
        long pages = Math.ceilDiv(position + sizeBytes, PAGE_BYTES) - position / PAGE_BYTES;
        return files.use(file, FileDescriptors.READ_ONLY, false, descriptor -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment range = arena.allocate(RANGE);
                range.setAtIndex(ValueLayout.JAVA_LONG, 0, position);
                range.setAtIndex(ValueLayout.JAVA_LONG, 1, sizeBytes);
                MemorySegment counts = arena.allocate(COUNTS);
                long result = (long) cachestat.invokeExact(SYS_CACHESTAT, descriptor, range, counts, 0);
                return result == 0 && counts.getAtIndex(ValueLayout.JAVA_LONG, 0) >= pages;
            }
        });
    }

    /** Begins to write to the disk what is not there yet of {@code from} to {@code to}, and drops what is, up to {@code dropTo}. */
    void giveUp(Path file, long from, long dropTo, long to) {
        var _ = files.use(file, FileDescriptors.READ_ONLY, false, descriptor -> {
            int written = (int) syncFileRange.invokeExact(descriptor, from, to - from, SYNC_FILE_RANGE_WRITE);
            int dropped = (int) fadvise.invokeExact(descriptor, from, dropTo - from, POSIX_FADV_DONTNEED);
            return written == 0 && dropped == 0;
        });
    }
}
