package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.broker.Traffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D5: who leads when brokers and disks die, and when they come back. */
@Lab
@Timeout(value = 6, unit = TimeUnit.MINUTES)
final class D5BrokerDeathLab {
    private static final String TOPIC = "d5";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private ClusterUnderTest cluster;

    @Test
    void leadershipMovesAtDeathAndReturnsByHandAndByItself(Brokers brokers) throws Exception {
        cluster = brokers.cluster(
                Distribution.underTest(),
                3,
                Map.of(
                        "min.insync.replicas",
                        "2",
                        "offsets.topic.replication.factor",
                        "3",
                        "leader.imbalance.check.interval.seconds",
                        "3600"));
        create("1:2:3,2:3:1,3:1:2");
        try (Traffic traffic = new Traffic(cluster, TOPIC, 3)) {
            traffic.awaitMore(200);
            BrokerUnderTest dead = cluster.node(1);
            dead.kill();
            awaitLeaders(2, 2, 3);
            traffic.awaitMore(200);

            dead.start();
            cluster.awaitInSync(TOPIC);
            assertThat(cluster.leaders(TOPIC)).containsExactly(2, 2, 3);
            cluster.tool("kafka-leader-election", "--election-type", "preferred", "--topic", TOPIC, "--partition", "0")
                    .succeeded();
            awaitLeaders(1, 2, 3);
            traffic.awaitMore(200);
            traffic.stopAndCheck();
        }
        cluster.awaitIdenticalLogs(TOPIC);
    }

    @Test
    void withAutomaticRebalancingLeadershipReturnsByItself(Brokers brokers) {
        cluster = brokers.cluster(Distribution.underTest(), 3, Map.of("leader.imbalance.check.interval.seconds", "1"));
        create("1:2:3,2:3:1,3:1:2");
        cluster.node(1).stop();
        awaitLeaders(2, 2, 3);
        cluster.node(1).start();
        awaitLeaders(1, 2, 3);
    }

    @Test
    void aDirectoryThatFailsCostsOnlyItsOwnPartitions(Brokers brokers) throws Exception {
        cluster = brokers.cluster(
                Distribution.underTest(),
                2,
                Map.of(
                        "log.dirs", "{directory}/data,{directory}/second",
                        "log.segment.bytes", "1048576",
                        "offsets.topic.replication.factor", "2"));
        create("1:2,1:2,1:2,1:2");
        Path second = cluster.node(1).dataDirectory().resolveSibling("second");
        List<Integer> there = Stream.of(0, 1, 2, 3)
                .filter(partition -> Files.exists(second.resolve(TOPIC + "-" + partition)))
                .toList();
        assertThat(there).hasSizeBetween(1, 3);

        delete(second);
        Files.writeString(second, "no directory any more");
        List<String> values =
                Stream.generate(() -> "x".repeat(10_000)).limit(150).toList();
        await().atMost(LIMIT).untilAsserted(() -> {
            for (int partition : there) {
                cluster.clients().produce(TOPIC, partition, values);
            }
            assertThat(cluster.leaders(TOPIC)).satisfies(leaders -> {
                for (int partition = 0; partition < 4; partition++) {
                    assertThat(leaders.get(partition)).isEqualTo(there.contains(partition) ? 2 : 1);
                }
            });
        });
    }

    private static void delete(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void create(String assignment) {
        cluster.tool("kafka-topics", "--create", "--topic", TOPIC, "--replica-assignment", assignment)
                .succeeded();
        cluster.awaitInSync(TOPIC);
    }

    private void awaitLeaders(Integer... expected) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(cluster.leaders(TOPIC)).containsExactly(expected));
    }
}
