package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLocksTest {

    @TempDir
    private Path directory;

    @Test
    void createsAndHoldsDirectoriesUntilClosed() {
        Path data = directory.resolve("a/b");
        DirectoryLocks locks = DirectoryLocks.take(FileStore.disk(), List.of(data, data));

        assertThatThrownBy(() -> DirectoryLocks.take(FileStore.disk(), List.of(data)))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(data.toString());

        locks.close();
        DirectoryLocks.take(FileStore.disk(), List.of(data)).close();
    }

    @Test
    void saysThatSomethingElseLiesWhereTheDirectoryShouldBe() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThatThrownBy(() -> DirectoryLocks.take(FileStore.disk(), List.of(file)))
                .isInstanceOf(StartFailure.class)
                .hasMessage("data directory " + file + " is not a directory");
    }

    @Test
    void locksNothingWhenOneCannotBeLocked() throws IOException {
        Path good = directory.resolve("good");
        Path bad = Files.writeString(directory.resolve("bad"), "");

        assertThatThrownBy(() -> DirectoryLocks.take(FileStore.disk(), List.of(good, bad)))
                .isInstanceOf(StartFailure.class);

        DirectoryLocks locks = DirectoryLocks.take(FileStore.disk(), List.of(good));
        assertThat(good).isDirectory();
        locks.close();
    }
}
