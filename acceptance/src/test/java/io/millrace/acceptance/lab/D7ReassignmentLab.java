package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.broker.Traffic;
import io.millrace.acceptance.process.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** D7: partitions move between brokers while clients go on: plan, execution, throttle, verification, cancellation. */
@Lab
@Timeout(value = 6, unit = TimeUnit.MINUTES)
final class D7ReassignmentLab {
    private static final String TOPIC = "moving";
    private static final String OFFSETS = "__consumer_offsets";

    @TempDir
    Path directory;

    private ClusterUnderTest cluster;

    @Test
    void aBrokerIsAddedAndAnotherRetiredWhileClientsGoOn(Brokers brokers) throws Exception {
        cluster = brokers.separateCluster(Distribution.underTest(), 2, Map.of("offsets.topic.replication.factor", "2"));
        createOn("2,3", 4);
        try (Traffic traffic = new Traffic(cluster, TOPIC, 4)) {
            traffic.awaitMore(200);
            cluster.addBroker(Distribution.underTest());
            String plan = plan("3,4", TOPIC, OFFSETS);
            assertThat(plan).contains("\"replicas\":[3,4]");

            reassign(plan, "--execute");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> !reassign(plan, "--verify").contains("still in progress"));
            assertThat(replicas()).allSatisfy(ids -> assertThat(ids).containsExactlyInAnyOrder(3, 4));
            assertThat(cluster.node(2).partitionDirectory(TOPIC, 0))
                    .satisfies(gone -> await().until(() -> !Files.exists(gone)));
            traffic.awaitMore(200);

            cluster.node(2).stop();
            Distribution.underTest()
                    .run("kafka-cluster", List.of("unregister", "--bootstrap-server", cluster.bootstrap(), "--id", "2"))
                    .succeeded();
            await().until(() -> !brokersListed().contains(2));
            assertThat(brokersListed()).containsExactlyInAnyOrder(3, 4);
            traffic.awaitMore(200);
            traffic.stopAndCheck();
        }
        cluster.awaitIdenticalLogs(TOPIC);
        cluster.awaitIdenticalLogs(OFFSETS);
    }

    /** Registered brokers, whether they live or not. */
    private List<Integer> brokersListed() {
        return KafkaClients.get(cluster.admin()
                        .describeCluster(new DescribeClusterOptions().includeFencedBrokers(true))
                        .nodes())
                .stream()
                .map(Node::id)
                .toList();
    }

    @Test
    void aThrottledMoveTakesItsTimeAndCanBeCancelled(Brokers brokers) throws Exception {
        cluster = brokers.cluster(Distribution.underTest(), 3, Map.of());
        createOn("1,2", 1);
        cluster.clients().produce(TOPIC, 0, Collections.nCopies(3_000, "x".repeat(1_000)));
        String plan = plan("3,2", TOPIC);

        long startedNanos = System.nanoTime();
        reassign(plan, "--execute", "--throttle", "500000");
        await().until(() -> isMoving());
        assertThat(reassign(plan, "--verify")).contains("still in progress");
        assertThat(cluster.tool("kafka-configs", "--describe", "--entity-type", "brokers", "--entity-name", "1")
                        .succeeded()
                        .output())
                .contains("leader.replication.throttled.rate=500000");
        reassign(plan, "--execute", "--additional", "--throttle", "1000000");
        await().atMost(Duration.ofMinutes(1)).until(() -> !isMoving());
        // 3 MB at no more than 1 MB/s, of which a second's worth may have been saved up at each end
        assertThat(Duration.ofNanos(System.nanoTime() - startedNanos)).isGreaterThan(Duration.ofMillis(1_500));
        assertThat(reassign(plan, "--verify"))
                .contains("Reassignment of partition " + TOPIC + "-0 is completed")
                .contains("Clearing broker-level throttles");
        cluster.awaitIdenticalLogs(TOPIC);

        String back = plan("1,2", TOPIC);
        reassign(back, "--execute", "--throttle", "1000");
        await().until(() -> isMoving());
        assertThat(reassign(back, "--cancel")).contains("Successfully cancelled");
        assertThat(isMoving()).isFalse();
        assertThat(replicas().getFirst()).containsExactlyInAnyOrder(2, 3);
        cluster.clients().produce(TOPIC, 0, List.of("afterwards"));
        cluster.awaitIdenticalLogs(TOPIC);
    }

    private void createOn(String brokers, int partitions) throws IOException {
        String assignment = String.join(",", Collections.nCopies(partitions, brokers.replace(',', ':')));
        cluster.tool("kafka-topics", "--create", "--topic", TOPIC, "--replica-assignment", assignment)
                .succeeded();
        cluster.awaitInSync(TOPIC);
    }

    /** What the tool proposes for a move to these brokers; for one partition, with the first as leader. */
    private String plan(String brokers, String... names) throws IOException {
        String quoted =
                Stream.of(names).map(name -> "{\"topic\":\"" + name + "\"}").collect(Collectors.joining(","));
        Path topics =
                Files.writeString(directory.resolve("topics.json"), "{\"version\":1,\"topics\":[" + quoted + "]}");
        List<String> printed = cluster.tool(
                        "kafka-reassign-partitions",
                        "--generate",
                        "--topics-to-move-json-file",
                        topics.toString(),
                        "--broker-list",
                        brokers)
                .succeeded()
                .lines();
        String proposed =
                printed.stream().filter(line -> line.startsWith("{")).toList().getLast();
        if (replicas().size() > 1) {
            return proposed;
        }
        return "{\"version\":1,\"partitions\":[{\"topic\":\"" + TOPIC + "\",\"partition\":0,\"replicas\":[" + brokers
                + "]}]}";
    }

    private String reassign(String plan, String... arguments) throws IOException {
        Path file = Files.writeString(directory.resolve("plan.json"), plan);
        List<String> all = new java.util.ArrayList<>(List.of(arguments));
        all.addAll(List.of("--reassignment-json-file", file.toString()));
        CommandResult result = cluster.tool("kafka-reassign-partitions", all.toArray(String[]::new));
        return result.succeeded().output();
    }

    private boolean isMoving() throws Exception {
        return !cluster.admin()
                .listPartitionReassignments()
                .reassignments()
                .get()
                .isEmpty();
    }

    private List<List<Integer>> replicas() {
        return cluster.describe(TOPIC).orElseThrow().partitions().stream()
                .map(partition -> partition.replicas().stream().map(Node::id).toList())
                .toList();
    }
}
