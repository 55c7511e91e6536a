package io.millrace.broker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The maps of free space of the machine's own disk. */
class FreeSpaceMapsTest {
    private final FileStore disk = FileStore.disk();

    @TempDir
    Path directory;

    private boolean hasMaps() throws IOException {
        return Files.getFileStore(directory).type().equals("ext4");
    }

    @Test
    void allOfAFileSystemIsLookedThroughWhereItHasMaps() throws IOException {
        long bytes = disk.bringInFreeSpaceMaps(directory, () -> true);

        if (hasMaps()) {
            assertThat(bytes).isGreaterThanOrEqualTo(disk.totalBytes(directory));
        } else {
            assertThat(bytes).isZero();
        }
    }

    @Test
    void itEndsWhenItIsToldTo() throws IOException {
        var asked = new AtomicInteger();

        long bytes = disk.bringInFreeSpaceMaps(directory, () -> asked.incrementAndGet() == 1);

        if (hasMaps()) {
            assertThat(bytes).isPositive().isLessThan(disk.totalBytes(directory));
            assertThat(asked).hasValue(2);
        } else {
            assertThat(bytes).isZero();
        }
    }
}
