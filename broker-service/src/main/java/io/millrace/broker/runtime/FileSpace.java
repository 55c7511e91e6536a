package io.millrace.broker.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Disk space beyond the end of a file: the two system calls for it that Java has no names for, {@code fallocate(2)} with
 * {@code FALLOC_FL_KEEP_SIZE} and {@code truncate(2)} to the length that a file has. Any thread; both wait for the file system.
 *
 * <p>Both are hints: where the system or the file system does not have them, nothing is reserved and nothing is wrong.
 */
@SuppressWarnings("restricted") // native access is what it is for
final class FileSpace {

    private static final int FALLOC_FL_KEEP_SIZE = 1;

    /**
     * A call holds up writes of the file until it is done, and may have to read the file system's maps from the disk for that: small
     * enough that a write waits for one of these reads, large enough that the space is in one piece.
     */
    private static final long STEP_BYTES = 4L << 20;

    private final FileDescriptors files;
    private final MethodHandle fallocate;
    private final MethodHandle truncate;

    private FileSpace(Linker linker, MemorySegment fallocateAddress) {
        files = new FileDescriptors(linker);
        truncate = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("truncate"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        fallocate = linker.downcallHandle(
                fallocateAddress,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG));
    }

    /** Empty where the system has no {@code fallocate}: it is Linux's, with 64-bit lengths where pointers have 64 bits. */
    static Optional<FileSpace> ofThisSystem() {
        if (ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find("fallocate").map(address -> new FileSpace(linker, address));
    }

    void reserve(Path file, long position, long sizeBytes) {
        var _ = files.use(file, FileDescriptors.WRITE_ONLY, false, descriptor -> {
            int result = 0;
            for (long at = position; at < position + sizeBytes && result == 0; at += STEP_BYTES) {
                long step = Math.min(STEP_BYTES, position + sizeBytes - at);
                result = (int) fallocate.invokeExact(descriptor, FALLOC_FL_KEEP_SIZE, at, step);
            }
            return result == 0;
        });
    }

    void release(Path file, long lengthBytes) {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) truncate.invokeExact(arena.allocateFrom(file.toString()), lengthBytes);
        } catch (Throwable e) {
            throw SystemCall.failed(e);
        }
    }
}
