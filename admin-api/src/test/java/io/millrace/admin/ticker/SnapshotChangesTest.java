package io.millrace.admin.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.BrokerState;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is told of the difference between two snapshots. */
class SnapshotChangesTest {
    private static final List<BrokerState> BROKERS = brokers(true, true, true);

    private static List<BrokerState> brokers(boolean... online) {
        List<BrokerState> brokers = new ArrayList<>();
        for (int i = 0; i < online.length; i++) brokers.add(new BrokerState(i + 1, "h", 9092, null, online[i]));
        return brokers;
    }

    private static PartitionState partition(int partition, @Nullable Integer leader, Integer... isr) {
        return new PartitionState(partition, leader, 0, List.of(1, 2, 3), List.of(isr), null, 0L, 0L, Map.of());
    }

    private static TopicState topic(String name, String id, PartitionState... partitions) {
        return new TopicState(name, id, false, List.of(partitions));
    }

    private static ClusterSnapshot snapshot(
            List<BrokerState> brokers, @Nullable Integer controller, TopicState... topics) {
        Map<String, TopicState> byName = new TreeMap<>();
        for (TopicState topic : topics) byName.put(topic.name(), topic);
        return new ClusterSnapshot(Instant.EPOCH, "c", controller, brokers, byName, List.of());
    }

    private static List<String> told(ClusterSnapshot before, ClusterSnapshot after) {
        return SnapshotChanges.between(before, after).stream()
                .map(event -> event.kind()
                        + (event.topic() == null ? "" : " " + event.topic())
                        + (event.partition() == null ? "" : "-" + event.partition())
                        + (event.broker() == null ? "" : " broker " + event.broker())
                        + (event.before() == null && event.after() == null
                                ? ""
                                : " " + event.before() + " -> " + event.after())
                        + (event.count() == 1 ? "" : " x" + event.count()))
                .toList();
    }

    @Test
    void nothingIsToldWhereNothingChanged() {
        ClusterSnapshot same = snapshot(BROKERS, 1, topic("a", "1", partition(0, 1, 1, 2, 3)));
        assertThat(told(same, same)).isEmpty();
    }

    @Test
    void topicsComeGoGrowAndAreMadeAnew() {
        ClusterSnapshot before = snapshot(
                BROKERS,
                1,
                topic("gone", "1", partition(0, 1, 1)),
                topic("grown", "2", partition(0, 1, 1)),
                topic("anew", "3", partition(0, 1, 1)));
        ClusterSnapshot after = snapshot(
                BROKERS,
                1,
                topic("new", "4", partition(0, 1, 1)),
                topic("grown", "2", partition(0, 1, 1), partition(1, 1, 1)),
                topic("anew", "5", partition(0, 1, 1)));
        assertThat(told(before, after))
                .containsExactlyInAnyOrder(
                        "TOPIC_CREATED new",
                        "TOPIC_CREATED anew",
                        "TOPIC_DELETED gone",
                        "TOPIC_DELETED anew",
                        "PARTITIONS_ADDED grown 1 -> 2");
    }

    @Test
    void leadersAndReplicasAreFollowed() {
        ClusterSnapshot before = snapshot(
                BROKERS, 1, topic("a", "1", partition(0, 1, 1, 2, 3), partition(1, 2, 2), partition(2, null, 3)));
        ClusterSnapshot after = snapshot(
                brokers(false, true, true),
                2,
                topic("a", "1", partition(0, 2, 2, 3), partition(1, null, 2), partition(2, 3, 2, 3)));
        assertThat(told(before, after))
                .containsExactlyInAnyOrder(
                        "BROKER_DOWN broker 1",
                        "CONTROLLER_CHANGED broker 2",
                        "LEADER_CHANGED a-0 1 -> 2",
                        "LEADER_LOST a-1 2 -> null",
                        "LEADER_BACK a-2 null -> 3",
                        "ISR_SHRUNK a-0 [1, 2, 3] -> [2, 3]",
                        "ISR_EXPANDED a-2 [3] -> [2, 3]");
    }

    @Test
    void aReplicaThatTookAnothersPlaceIsALoss() {
        ClusterSnapshot before = snapshot(BROKERS, 1, topic("a", "1", partition(0, 1, 1, 2)));
        ClusterSnapshot after = snapshot(BROKERS, 1, topic("a", "1", partition(0, 1, 1, 3)));
        assertThat(told(before, after)).containsExactly("ISR_SHRUNK a-0 [1, 2] -> [1, 3]");
    }

    @Test
    void aBrokerThatLeavesNoReplicaBehindIsMissedAllTheSame() {
        assertThat(told(snapshot(BROKERS, 1), snapshot(brokers(true, true), 1)))
                .containsExactly("BROKER_DOWN broker 3");
    }

    @Test
    void manyChangesOfOneKindAreOneEvent() {
        PartitionState[] led = IntStream.range(0, 1_000)
                .mapToObj(i -> partition(i, 1, 1, 2, 3))
                .toArray(PartitionState[]::new);
        PartitionState[] moved =
                IntStream.range(0, 1_000).mapToObj(i -> partition(i, 2, 2, 3)).toArray(PartitionState[]::new);
        assertThat(told(snapshot(BROKERS, 1, topic("a", "1", led)), snapshot(BROKERS, 1, topic("a", "1", moved))))
                .containsExactlyInAnyOrder("LEADER_CHANGED a x1000", "ISR_SHRUNK a x1000");
    }
}
