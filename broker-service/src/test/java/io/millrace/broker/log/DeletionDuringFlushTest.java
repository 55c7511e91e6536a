package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.FileStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A topic is deleted while the flusher writes its files. */
class DeletionDuringFlushTest {

    private final AtomicReference<Runnable> beforeSnapshot = new AtomicReference<>(() -> {});

    @Test
    void aFlushThatIsOvertakenByTheDeletionOfItsLogLeavesTheDirectoryOnline(@TempDir Path directory) {
        InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
        try (LogHarness harness = new LogHarness(interrupting(FileStore.disk()), directory, Map.of(), loop)) {
            PartitionLog doomed =
                    harness.log("doomed", Map.of("segment.bytes", "1048576", "max.message.bytes", "1000000"));
            beforeSnapshot.set(() -> {
                beforeSnapshot.set(() -> {});
                harness.directories.delete(doomed);
            });
            for (int i = 0; !doomed.isClosed(); i++) {
                assertThat(i).as("a roll writes a snapshot").isLessThan(20);
                LogHarness.append(doomed, LogHarness.idempotent(1, 0, i, "x".repeat(200_000)));
            }

            assertThat(harness.directories.directories()).allMatch(LogDirectories.LogDirectory::online);
            PartitionLog next = harness.log("next");
            LogHarness.append(next, LogHarness.records("served"));
            assertThat(LogHarness.readAll(next, 1_000)).containsExactly("0:served");
        }
    }

    /** The disk, but something happens before a producer snapshot is opened for writing. */
    private FileStore interrupting(FileStore disk) {
        return (FileStore) Proxy.newProxyInstance(
                FileStore.class.getClassLoader(), new Class<?>[] {FileStore.class}, (proxy, method, arguments) -> {
                    boolean snapshot = method.getName().equals("open")
                            && arguments[0].toString().endsWith(".snapshot.tmp");
                    if (snapshot) {
                        beforeSnapshot.get().run();
                    }
                    if (method.isDefault()) {
                        return java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    try {
                        return method.invoke(disk, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
