package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D6: the active controller dies, another takes over, and nothing is forgotten. */
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
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(lags())
                        .hasSize(3)
                        .allSatisfy(lag -> assertThat(lag).isLessThan(5)));
    }

    private int activeController() {
        CommandResult status = cluster.tool("kafka-metadata-quorum", "describe", "--status");
        Matcher leader = LEADER.matcher(status.output());
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
