package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.FreePorts;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code millrace cluster}: three nodes on one machine by one command, each of which can be killed and restarted as it says. */
final class ClusterCommandIT {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern KILL = Pattern.compile("kill: +kill -9 ([0-9]+)");
    private static final Pattern RESTART = Pattern.compile("restart: +(.+)");

    @TempDir
    Path directory;

    private final Path logs = Path.of(System.getProperty("acceptance.target"), "broker-logs");
    private final Map<String, String> environment = Distribution.millrace().brokerEnvironment();

    @Test
    void threeNodesStartAreKilledAndRestartedAsTheCommandSaysAndEndWithIt() {
        assumeFalse(Distribution.isApacheKafka(), "a command of Millrace's");
        int port = FreePorts.next();
        String millrace =
                Path.of(System.getProperty("millrace.home"), "bin", "millrace").toString();
        List<String> command = List.of(
                millrace,
                "cluster",
                "--nodes",
                "3",
                "--data",
                directory.toString(),
                "--kafka-port",
                Integer.toString(port));
        try (ExternalProcess cluster =
                        ExternalProcess.start("cluster-command", logs.resolve("cluster.log"), environment, command);
                KafkaClients clients = new KafkaClients("127.0.0.1:%d,127.0.0.1:%d".formatted(port, port + 1))) {
            cluster.awaitLine("Ctrl-C stops them all.*");
            awaitBrokers(clients, 3);

            ProcessHandle third = ProcessHandle.of(
                            Long.parseLong(told(cluster, KILL).getLast()))
                    .orElseThrow();
            third.destroyForcibly();
            awaitBrokers(clients, 2);
            try (ExternalProcess restarted = ExternalProcess.start(
                    "cluster-restart",
                    logs.resolve("cluster-restart.log"),
                    environment,
                    List.of(told(cluster, RESTART).getLast().split(" ")))) {
                awaitBrokers(clients, 3);
                restarted.terminate();
                restarted.awaitExit(LIMIT);
            }

            cluster.terminate();
            cluster.awaitExit(LIMIT);
            assertThat(told(cluster, KILL))
                    .hasSize(3)
                    .allSatisfy(pid -> assertThat(ProcessHandle.of(Long.parseLong(pid)))
                            .as("process %s of the cluster", pid)
                            .isEmpty());
        }
    }

    private static List<String> told(ExternalProcess cluster, Pattern pattern) {
        return cluster.lines().stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .toList();
    }

    private static void awaitBrokers(KafkaClients clients, int count) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
            try {
                return clients.admin().describeCluster().nodes().get().size() == count;
            } catch (ExecutionException notYet) {
                return false;
            }
        });
    }
}
