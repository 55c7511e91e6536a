package io.millrace.broker.runtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Brings ext4's maps of free blocks into the page cache: {@code ioctl_getfsmap(2)}, which Java has no name for, looks at all of them and
 * locks no file. Any thread; waits for the disk.
 *
 * <p>ext4 reads a map when it first allocates in the 128 MiB that it is for, and holds the lock of the file that needs the blocks
 * meanwhile: behind what is being written back that has taken a quarter of a second, for all who append to the file (ADR 9).
 */
@SuppressWarnings("restricted") // native access is what it is for
final class FreeSpaceMaps {

    /** {@code _IOWR('X', 59, struct fsmap_head)} */
    private static final long FS_IOC_GETFSMAP = 0xC0C0583BL;

    /** {@code struct fsmap} of linux/fsmap.h: as a key, one end of the range that is asked for. */
    private static final StructLayout KEY = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("device"),
            ValueLayout.JAVA_INT.withName("flags"),
            ValueLayout.JAVA_LONG.withName("physical"),
            ValueLayout.JAVA_LONG.withName("owner"),
            ValueLayout.JAVA_LONG.withName("offset"),
            MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_LONG).withName("length and reserved"));

    /** {@code struct fsmap_head} without room for answers: the kernel only counts them then. */
    private static final StructLayout HEAD = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_INT).withName("flags"),
            ValueLayout.JAVA_INT.withName("room"),
            ValueLayout.JAVA_INT.withName("entries"),
            MemoryLayout.sequenceLayout(6, ValueLayout.JAVA_LONG).withName("reserved"),
            KEY.withName("low"),
            KEY.withName("high"));

    private static final long ENTRIES = HEAD.byteOffset(PathElement.groupElement("entries"));

    /** What one call looks through: 64 maps of 4 KiB, so that it is soon over. */
    private static final long STEP_BYTES = 8L << 30;

    private final FileDescriptors files;
    private final MethodHandle ioctl;

    private FreeSpaceMaps(Linker linker, MemorySegment ioctlAddress) {
        files = new FileDescriptors(linker);
        ioctl = linker.downcallHandle(
                ioctlAddress,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));
    }

    /** Empty where the kernel cannot be asked. */
    static Optional<FreeSpaceMaps> ofThisSystem() {
        if (!System.getProperty("os.name").equals("Linux") || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find("ioctl").map(address -> new FreeSpaceMaps(linker, address));
    }

    /**
     * Brings in the maps of the file system that a directory lies in.
     *
     * @param goOn asked between steps
     * @return how many bytes of the file system were looked through: 0 where it is not ext4 or does not let itself be asked
     */
    long bringIn(Path directory, BooleanSupplier goOn) throws IOException {
        if (!Files.getFileStore(directory).type().equals("ext4")) {
            return 0;
        }
        int device = (int) (long) Files.getAttribute(directory, "unix:dev");
        return files.use(directory, FileDescriptors.READ_ONLY, 0L, descriptor -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment head = arena.allocate(HEAD);
                long from = 0;
                while (goOn.getAsBoolean() && lookThrough(descriptor, head, device, from)) {
                    from += STEP_BYTES;
                }
                return from;
            }
        });
    }

    /** False behind the end of the file system, too. */
    private boolean lookThrough(int descriptor, MemorySegment head, int device, long from) throws Throwable {
        head.fill((byte) 0);
        key(head, "low", device, 0, from, 0);
        key(head, "high", device, -1, from + STEP_BYTES - 1, -1);
        int result = (int) ioctl.invokeExact(descriptor, FS_IOC_GETFSMAP, head);
        return result == 0 && head.get(ValueLayout.JAVA_INT, ENTRIES) > 0;
    }

    private static void key(MemorySegment head, String end, int device, int flags, long physical, long others) {
        MemorySegment key = head.asSlice(HEAD.byteOffset(PathElement.groupElement(end)), KEY);
        key.set(ValueLayout.JAVA_INT, offset("device"), device);
        key.set(ValueLayout.JAVA_INT, offset("flags"), flags);
        key.set(ValueLayout.JAVA_LONG, offset("physical"), physical);
        key.set(ValueLayout.JAVA_LONG, offset("owner"), others);
        key.set(ValueLayout.JAVA_LONG, offset("offset"), others);
    }

    private static long offset(String field) {
        return KEY.byteOffset(PathElement.groupElement(field));
    }
}
