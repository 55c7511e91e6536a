package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.hostile.RawPeer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.junit.jupiter.api.Test;

/** Internal topics of clusters that have fewer brokers than the topics are to have replicas: created when there are enough, with all. */
@Lab
final class InternalTopicsIT {
    private static final String OFFSETS = "__consumer_offsets";
    private static final int ASKS = 5;

    private ClusterUnderTest cluster;

    private Errors coordinator(int node) {
        FindCoordinatorRequest request = new FindCoordinatorRequest.Builder(new FindCoordinatorRequestData()
                        .setKeyType(FindCoordinatorRequest.CoordinatorType.GROUP.id())
                        .setCoordinatorKeys(List.of("readers")))
                .build((short) 4);
        try (RawPeer peer = new RawPeer(cluster.node(node).port())) {
            FindCoordinatorResponse response = (FindCoordinatorResponse) peer.ask(request);
            return Errors.forCode(response.data().coordinators().getFirst().errorCode());
        }
    }

    private boolean exists() {
        return KafkaClients.get(cluster.admin()
                        .listTopics(new ListTopicsOptions().listInternal(true))
                        .names())
                .contains(OFFSETS);
    }

    private void isNotAvailable(int node) {
        // Every request has the topic created, or tried to.
        for (int i = 0; i < ASKS; i++) {
            assertThat(coordinator(node)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        }
        cluster.createTopic("after-" + node, 1, 1, Map.of()); // What was asked of the controller before is done.
        assertThat(exists()).isFalse();
    }

    @Test
    void offsetsWaitUntilThereAreAsManyBrokersAsReplicas(Brokers brokers) {
        cluster = brokers.cluster(Distribution.underTest(), 1, Map.of("offsets.topic.replication.factor", "3"));
        isNotAvailable(1);
        cluster.addBroker(Distribution.underTest());
        cluster.awaitBrokers(2);
        isNotAvailable(2);

        cluster.addBroker(Distribution.underTest());
        cluster.awaitBrokers(3);
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> coordinator(3) == Errors.NONE);

        cluster.awaitInSync(OFFSETS);
        assertThat(cluster.describe(OFFSETS).orElseThrow().partitions())
                .hasSize(5)
                .allSatisfy(partition -> assertThat(partition.replicas()).hasSize(3));
        TopicPartition partition = new TopicPartition("after-1", 0);
        Map<TopicPartition, OffsetAndMetadata> committed = Map.of(partition, new OffsetAndMetadata(0));
        KafkaClients.get(
                cluster.admin().alterConsumerGroupOffsets("readers", committed).all());
        assertThat(KafkaClients.get(
                        cluster.admin().listConsumerGroupOffsets("readers").partitionsToOffsetAndMetadata()))
                .containsOnlyKeys(partition);
    }
}
