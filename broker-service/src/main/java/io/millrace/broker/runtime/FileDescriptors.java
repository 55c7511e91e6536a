package io.millrace.broker.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** {@code open(2)} and {@code close(2)}, for system calls that want a file descriptor, which Java keeps to itself. Any thread. */
@SuppressWarnings("restricted") // native access is what it is for
final class FileDescriptors {

    /** {@code O_RDONLY | O_CLOEXEC} */
    static final int READ_ONLY = 0x80000;

    /** {@code O_WRONLY | O_CLOEXEC} */
    static final int WRITE_ONLY = 0x80001;

    private final MethodHandle open;
    private final MethodHandle close;

    /** What is done with a descriptor; a method handle may throw anything. */
    interface Use<T> {
        T with(int descriptor) throws Throwable;
    }

    FileDescriptors(Linker linker) {
        open = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("open"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        close = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("close"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    /** Does something with a file or a directory; {@code absent} where it cannot be opened: renamed or removed meanwhile. */
    <T> T use(Path file, int flags, T absent, Use<T> use) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(file.toString());
            int descriptor = (int) open.invokeExact(name, flags);
            if (descriptor < 0) {
                return absent;
            }
            try {
                return use.with(descriptor);
            } finally {
                int _ = (int) close.invokeExact(descriptor);
            }
        } catch (Throwable e) {
            throw SystemCall.failed(e);
        }
    }
}
