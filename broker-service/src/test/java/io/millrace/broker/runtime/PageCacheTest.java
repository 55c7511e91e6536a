package io.millrace.broker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {

    private static final int SIZE_BYTES = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void aRangeIsThereOnceAllOfItWasRead() throws IOException {
        assumeTrue(hasCachestat(), "Linux 6.5 or later: cachestat(2)");
        Path file = directory.resolve("00000000000000000000.log");
        try (RandomAccessFile random = new RandomAccessFile(file.toFile(), "rw")) {
            random.setLength(SIZE_BYTES); // A hole: nothing of it is in memory.
            PageCache cache = PageCache.ofThisSystem().orElseThrow();
            assertThat(cache.holds(file, 0, SIZE_BYTES)).isFalse();

            long known = DiskFileStore.INSTANCE.prefetch(file, 5000, 20_000, SIZE_BYTES);
            assertThat(known).isEqualTo(25_000);
            assertThat(cache.holds(file, 5000, 20_000)).isTrue();

            known = DiskFileStore.INSTANCE.prefetch(file, 5000, SIZE_BYTES - 5000, SIZE_BYTES);
            assertThat(known).isEqualTo(SIZE_BYTES);
            assertThat(cache.holds(file, 5000, SIZE_BYTES - 5000)).isTrue();

            // All of it is there: known at the first look, however little was asked for.
            assertThat(DiskFileStore.INSTANCE.prefetch(file, 5000, 20_000, SIZE_BYTES))
                    .isEqualTo(SIZE_BYTES);
            assertThat(cache.holds(directory.resolve("missing"), 0, 1)).isFalse();
        }
    }

    @Test
    void whatIsOnTheDiskLeavesWhenItIsGivenUp() throws IOException {
        assumeTrue(hasCachestat(), "Linux 6.5 or later: cachestat(2)");
        assumeTrue(!Files.getFileStore(directory).type().equals("tmpfs"), "a file system on a disk");
        Path file = directory.resolve("00000000000000000000.log");
        Files.write(file, new byte[SIZE_BYTES]);
        PageCache cache = PageCache.ofThisSystem().orElseThrow();
        assertThat(cache.holds(file, 0, SIZE_BYTES)).isTrue();

        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(false);
        }
        DiskFileStore.INSTANCE.giveUpCache(file, 0, SIZE_BYTES / 2, SIZE_BYTES);

        assertThat(cache.holds(file, 0, SIZE_BYTES / 2)).isFalse();
        assertThat(cache.holds(file, SIZE_BYTES / 2, SIZE_BYTES / 2)).isTrue();
        assertThat(Files.readAllBytes(file)).isEqualTo(new byte[SIZE_BYTES]);
        DiskFileStore.INSTANCE.giveUpCache(directory.resolve("missing"), 0, 1, 1);
    }

    private static boolean hasCachestat() {
        String[] version = System.getProperty("os.version").split("[^0-9]+");
        int major = Integer.parseInt(version[0]);
        return System.getProperty("os.name").equals("Linux")
                && (major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 5));
    }
}
