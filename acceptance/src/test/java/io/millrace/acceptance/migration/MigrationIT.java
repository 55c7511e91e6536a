package io.millrace.acceptance.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.broker.Traffic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Clusters change from Apache Kafka to Millrace and back under load, by the commands of {@code docs/migration.md}. */
@Lab
@Timeout(value = 8, unit = TimeUnit.MINUTES)
final class MigrationIT {
    private static final System.Logger log = System.getLogger(MigrationIT.class.getName());
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 6;
    private static final String OFFSETS = "__consumer_offsets";

    @TempDir
    Path directory;

    @Test
    void aClusterChangesInPlaceAndBack(Brokers brokers) throws Exception {
        ClusterUnderTest cluster = brokers.cluster(
                Distribution.apacheKafka(),
                3,
                Map.of("min.insync.replicas", "2", "offsets.topic.replication.factor", "3"));
        MigrationGuide guide = new MigrationGuide(directory, cluster.bootstrap());
        cluster.createTopic(TOPIC, PARTITIONS, 3, Map.of());
        try (Traffic traffic = new Traffic(cluster, TOPIC, PARTITIONS)) {
            traffic.awaitMore(200);
            assertThat(guide.run("describe --status")).contains("LeaderId:").doesNotContain(TOPIC);

            for (Distribution next : List.of(Distribution.millrace(), Distribution.apacheKafka())) {
                for (BrokerUnderTest node : cluster.nodes()) {
                    node.stop();
                    node.runAs(next);
                    node.start();
                    guide.run("while [ -n");
                    traffic.awaitMore(200);
                }
                guide.run("--election-type preferred");
                await().untilAsserted(() -> assertThat(cluster.leaders(TOPIC)).contains(1, 2, 3));
                traffic.awaitMore(200);
                assertThat(damaged(cluster.nodes())).isEmpty();
            }
            log.log(System.Logger.Level.INFO, "longest gap without an acknowledgement: {0}", traffic.longestGap());
            traffic.stopAndCheck();
        }
        cluster.awaitIdenticalLogs(TOPIC);
        cluster.awaitIdenticalLogs(OFFSETS);
    }

    static Stream<Arguments> directions() {
        return Stream.of(
                Arguments.of(Distribution.apacheKafka(), Distribution.millrace()),
                Arguments.of(Distribution.millrace(), Distribution.apacheKafka()));
    }

    @ParameterizedTest
    @MethodSource("directions")
    void partitionsMoveToNewBrokers(Distribution from, Distribution to, Brokers brokers) throws Exception {
        ClusterUnderTest cluster = brokers.separateCluster(
                from, 2, Map.of("default.replication.factor", "2", "offsets.topic.replication.factor", "2"));
        cluster.createTopic(TOPIC, PARTITIONS, 2, Map.of());
        try (Traffic traffic = new Traffic(cluster, TOPIC, PARTITIONS)) {
            traffic.awaitMore(200);
            cluster.addBroker(to);
            cluster.addBroker(to);
            MigrationGuide guide = new MigrationGuide(directory, cluster.bootstrap());
            assertThat(guide.run("cluster-id")).contains("Cluster ID: ");

            guide.run("--execute");
            assertThat(guide.run("--verify")).doesNotContain("still in progress");
            assertThat(cluster.leaders(TOPIC)).containsOnly(4, 5);
            assertThat(cluster.leaders(OFFSETS)).containsOnly(4, 5);
            traffic.awaitMore(200);

            assertThat(cluster.node(2).stop()).isIn(0, 143);
            assertThat(cluster.node(3).stop()).isIn(0, 143);
            cluster.awaitBrokers(2);
            guide.run("unregister");
            traffic.awaitMore(200);
            traffic.stopAndCheck();
        }
        cluster.awaitIdenticalLogs(TOPIC);
        cluster.awaitIdenticalLogs(OFFSETS);
    }

    /** What one software wrote is not damaged in the eyes of the other. */
    private static List<String> damaged(List<BrokerUnderTest> nodes) {
        return nodes.stream()
                .flatMap(node -> node.process().linesMatching("damaged|Corrupt|corrupt").stream())
                .toList();
    }
}
