package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D6: the active controller dies, another takes over, and nothing is forgotten; controllers come and go; feature levels. */
@Lab
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class D6ControllersLab {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern LEADER = Pattern.compile("LeaderId:\\s+(\\d+)");

    private ClusterUnderTest cluster;

    @Test
    void anotherControllerTakesOverWithAllMetadata(Brokers brokers) {
        cluster = brokers.cluster(Distribution.underTest(), 3, Map.of());
        cluster.createTopic("before", 3, 3, Map.of("retention.ms", "12345678"));
        int first = activeController();

        cluster.node(first).kill();
        await().atMost(LIMIT).until(() -> activeController() != first);
        cluster.createTopic("after", 3, 2, Map.of());
        assertThat(cluster.describe("before").orElseThrow().partitions()).hasSize(3);
        assertThat(cluster.tool("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", "before")
                        .succeeded()
                        .output())
                .contains("retention.ms=12345678");

        cluster.node(first).start();
        cluster.awaitInSync("before");
        assertThat(feature("kraft.version")).isZero();
        // Every voter has to tell the new controller what it supports first.
        await().atMost(LIMIT).untilAsserted(() -> features("upgrade", "kraft.version=1"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(quorum("--status")).contains("\"directoryId\""));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(feature("kraft.version")).isEqualTo(1));
        features("downgrade", "group.version=0", "transaction.version=0");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(feature("group.version")).isZero());
        features("upgrade", "group.version=1", "transaction.version=2");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(feature("transaction.version")).isEqualTo(2));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(lags())
                        .hasSize(3)
                        .allSatisfy(lag -> assertThat(lag).isLessThan(5)));
    }

    @Test
    void controllersJoinAndLeaveWhileTheClusterRuns(Brokers brokers) {
        cluster = brokers.dynamicCluster(Distribution.underTest(), Map.of("default.replication.factor", "1"));
        assertThat(voters()).containsExactly(1);
        cluster.createTopic("kept", 1, 1, Map.of());

        BrokerUnderTest second = cluster.addController(Distribution.underTest(), Map.of());
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(quorum("--replication")).containsPattern("2\\s.*Observer"));
        assertThat(voters()).containsExactly(1);
        cluster.tool(
                        "kafka-metadata-quorum",
                        "--command-config",
                        second.propertiesFile().toString(),
                        "add-controller")
                .succeeded();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(voters()).containsExactly(1, 2));

        cluster.addController(Distribution.underTest(), Map.of("controller.quorum.auto.join.enable", "true"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(voters()).containsExactly(1, 2, 3));

        String directory = directoryOf(1);
        cluster.node(1).kill();
        await().atMost(LIMIT).until(() -> activeController() > 1);
        // Refused until the new controller's own change of voters is done, so it is asked for again.
        await().atMost(LIMIT).untilAsserted(() -> {
            cluster.tool(
                    "kafka-metadata-quorum",
                    "remove-controller",
                    "--controller-id",
                    "1",
                    "--controller-directory-id",
                    directory);
            assertThat(voters()).containsExactly(2, 3);
        });
        assertThat(cluster.describe("kept")).isPresent();
    }

    private void features(String direction, String... levels) {
        List<String> arguments = new ArrayList<>(List.of(direction));
        for (String level : levels) {
            arguments.addAll(List.of("--feature", level));
        }
        cluster.tool("kafka-features", arguments.toArray(String[]::new)).succeeded();
    }

    private int feature(String name) {
        FinalizedVersionRange level = KafkaClients.get(
                        cluster.admin().describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get(name);
        return level == null ? 0 : level.maxVersionLevel();
    }

    private String quorum(String what) {
        return cluster.tool("kafka-metadata-quorum", "describe", what).output();
    }

    private List<Integer> voters() {
        return KafkaClients.get(cluster.admin().describeMetadataQuorum().quorumInfo()).voters().stream()
                .map(QuorumInfo.ReplicaState::replicaId)
                .sorted()
                .toList();
    }

    private String directoryOf(int voter) {
        Matcher row = Pattern.compile("(?m)^" + voter + "\\s+(\\S+)").matcher(quorum("--replication"));
        assertThat(row.find()).isTrue();
        return row.group(1);
    }

    private int activeController() {
        Matcher leader = LEADER.matcher(quorum("--status"));
        return leader.find() ? Integer.parseInt(leader.group(1)) : -1;
    }

    /** How many records each voter is behind: the fourth column of the tool's table. */
    private List<Long> lags() {
        return cluster.tool("kafka-metadata-quorum", "describe", "--replication").succeeded().lines().stream()
                .filter(line -> line.matches("^\\d+\\s.*(Leader|Follower).*"))
                .map(line -> Long.parseLong(line.strip().split("\\s+")[3]))
                .toList();
    }
}
