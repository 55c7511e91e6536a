package io.millrace.acceptance.chaos;

import io.millrace.acceptance.process.CommandResult;
import io.millrace.acceptance.process.ExternalProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One node, broker and controller in one process, with a disk that can be filled up and a clock that can be set. */
final class ChaosNode implements AutoCloseable {

    private static final long DISK_BYTES = 400L << 20;

    private final Landscape landscape;
    private final int id;
    private final Path millrace = Path.of(System.getProperty("millrace.home"), "bin", "millrace");
    private final Path directory;
    private final Path data;
    private final Path properties;
    private final boolean diskOfItsOwn;
    private final WallClock clock;
    private @Nullable ExternalProcess process;
    private boolean paused;

    ChaosNode(Landscape landscape, int id, int nodes, Path directory) {
        this.landscape = landscape;
        this.id = id;
        this.directory = directory;
        this.data = directory.resolve("data");
        this.properties = directory.resolve("server.properties");
        try {
            Files.createDirectories(data);
            this.clock = new WallClock(directory.resolve("clock"));
            // Inside a mount namespace of its own (ip netns exec makes one), so that it goes with the run.
            this.diskOfItsOwn = landscape.hasNetwork()
                    && CommandResult.of("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "chaos", data.toString())
                                    .exitCode()
                            == 0;
            Files.writeString(properties, configuration(nodes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CommandResult.run(
                        environment(),
                        "",
                        List.of(
                                millrace.toString(),
                                "format",
                                "-t",
                                "AAAAAAAAAAAAAAAAAAAAAQ",
                                "-c",
                                properties.toString()))
                .succeeded();
    }

    private String configuration(int nodes) {
        String voters = IntStream.rangeClosed(1, nodes)
                .mapToObj(node -> node + "@" + landscape.controller(node))
                .collect(Collectors.joining(","));
        return """
                process.roles=broker,controller
                node.id=%d
                controller.quorum.voters=%s
                listeners=PLAINTEXT://%s,CONTROLLER://%s
                controller.listener.names=CONTROLLER
                log.dirs=%s
                metadata.log.dir=%s
                default.replication.factor=3
                min.insync.replicas=2
                offsets.topic.replication.factor=3
                offsets.topic.num.partitions=3
                log.segment.bytes=2000000
                replica.lag.time.max.ms=4000
                group.initial.rebalance.delay.ms=0
                """.formatted(
                        id, voters, landscape.kafka(id), landscape.controller(id), data, directory.resolve("metadata"));
    }

    private Map<String, String> environment() {
        return Map.of("MILLRACE_JAVA_HOME", System.getProperty("java.home"), "KAFKA_HEAP_OPTS", "-Xmx200m");
    }

    int id() {
        return id;
    }

    boolean hasDiskOfItsOwn() {
        return diskOfItsOwn;
    }

    void start() {
        if (process == null || !process.isAlive()) {
            List<String> command = new ArrayList<>(landscape.at(id));
            command.addAll(List.of(millrace.toString(), "broker", "--config", properties.toString()));
            Map<String, String> environment = new HashMap<>(environment());
            environment.putAll(clock.environment());
            process = ExternalProcess.start("node-" + id, directory.resolve("node.log"), environment, command);
            paused = false;
        }
    }

    /** {@code kill -9}. */
    void kill() {
        if (process != null && process.isAlive()) {
            process.kill();
        }
        // It may have been stopped; then nobody has to let it go on any more.
        paused = false;
    }

    /** SIGTERM; killed if it takes too long. */
    void stop(Duration patience) {
        if (process != null && process.isAlive() && !paused) {
            process.terminate();
            if (!process.endsWithin(patience)) {
                process.kill();
            }
        }
    }

    void pause() {
        if (process != null && process.isAlive() && !paused) {
            process.pause();
            paused = true;
        }
    }

    void resume() {
        if (paused && process != null) {
            process.resume();
        }
        paused = false;
    }

    /** Sets its wall clock, seconds ahead of the true time. */
    void setClock(long seconds) {
        clock.set(seconds);
    }

    /** Leaves only so much room on its disk. */
    void fillDisk(long leaveBytes) {
        try (RandomAccessFile ballast =
                new RandomAccessFile(data.resolve("ballast").toFile(), "rw")) {
            long free = data.toFile().getUsableSpace();
            byte[] block = new byte[1 << 20];
            for (long written = 0; written + block.length <= free - leaveBytes; written += block.length) {
                ballast.write(block);
            }
        } catch (IOException full) {
            // Others wrote meanwhile: it is as full as it was to be.
            return;
        }
    }

    void freeDisk() {
        try {
            Files.deleteIfExists(data.resolve("ballast"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String describe() {
        return process == null ? "" : process.describe();
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
