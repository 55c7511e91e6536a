package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * D3: who may lead when nobody in sync is left. Whoever is known to have all that was acknowledged (KIP-966) does, others only where
 * the topic allows it or somebody asks for it.
 */
@Lab
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class D3EligibleLeadersLab {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ELIGIBLE = "eligible";
    private static final String UNCLEAN = "unclean";
    private static final String LATER = "unclean-later";
    private static final String ASKED = "unclean-when-asked";
    private static final List<String> ALL = List.of(ELIGIBLE, UNCLEAN, LATER, ASKED);

    private ClusterUnderTest cluster;

    @Test
    void onlyWhoHasAllLeadsUnlessLossIsAllowed(Brokers brokers) {
        // Whether loss has been allowed meanwhile is looked at once in this time, five minutes if nothing is said.
        cluster = brokers.separateCluster(
                Distribution.underTest(), 3, Map.of("unclean.leader.election.interval.ms", "1000"));
        cluster.createTopic(ELIGIBLE, Map.of(0, List.of(2, 3, 4)), Map.of("min.insync.replicas", "2"));
        cluster.createTopic(UNCLEAN, Map.of(0, List.of(2, 3, 4)), Map.of("unclean.leader.election.enable", "true"));
        cluster.createTopic(LATER, Map.of(0, List.of(2, 3, 4)), Map.of());
        cluster.createTopic(ASKED, Map.of(0, List.of(2, 3, 4)), Map.of());
        ALL.forEach(topic -> cluster.clients().produce(topic, 0, List.of("at all")));

        cluster.node(4).stop();
        cluster.node(3).stop();
        await().atMost(LIMIT)
                .until(() -> ALL.stream().allMatch(topic -> isr(topic).equals(List.of(2))));
        assertThat(elr(ELIGIBLE)).containsExactly(3);
        List.of(UNCLEAN, LATER, ASKED).forEach(topic -> cluster.clients().produce(topic, 0, List.of("at one")));
        cluster.node(2).stop();

        cluster.node(4).start();
        await().atMost(LIMIT).until(() -> leader(UNCLEAN) == 4);
        assertThat(List.of(leader(ELIGIBLE), leader(LATER), leader(ASKED))).containsOnly(-1);
        assertThat(cluster.tool("kafka-topics", "--describe", "--topic", ELIGIBLE)
                        .succeeded()
                        .output())
                .containsPattern("Leader: none.*Isr: \\s.*Elr: (2,3|3,2)\\s");

        cluster.tool("kafka-leader-election", "--election-type", "unclean", "--topic", ASKED, "--partition", "0")
                .succeeded();
        await().atMost(LIMIT).until(() -> leader(ASKED) == 4);
        assertThat(leader(LATER)).isEqualTo(-1);
        cluster.tool(
                        "kafka-configs",
                        "--alter",
                        "--entity-type",
                        "topics",
                        "--entity-name",
                        LATER,
                        "--add-config",
                        "unclean.leader.election.enable=true")
                .succeeded();
        await().atMost(LIMIT).until(() -> leader(LATER) == 4);
        assertThat(leader(ELIGIBLE)).isEqualTo(-1);

        cluster.node(3).start();
        await().atMost(LIMIT).until(() -> leader(ELIGIBLE) == 3);
        cluster.clients().produce(ELIGIBLE, 0, List.of("again at two"));
        cluster.node(2).start();
        ALL.forEach(cluster::awaitInSync);
        ALL.forEach(cluster::awaitIdenticalLogs);
        assertThat(values(ELIGIBLE)).containsExactly("at all", "again at two");
        List.of(UNCLEAN, LATER, ASKED)
                .forEach(topic -> assertThat(values(topic)).containsExactly("at all"));
    }

    private List<String> values(String topic) {
        return cluster.clients().readAll(topic, 0).stream()
                .map(ConsumerRecord::value)
                .toList();
    }

    private TopicPartitionInfo partition(String topic) {
        return cluster.describe(topic).orElseThrow().partitions().getFirst();
    }

    private int leader(String topic) {
        return cluster.leaders(topic).getFirst();
    }

    private List<Integer> isr(String topic) {
        return partition(topic).isr().stream().map(Node::id).toList();
    }

    private List<Integer> elr(String topic) {
        return partition(topic).elr().stream().map(Node::id).toList();
    }
}
