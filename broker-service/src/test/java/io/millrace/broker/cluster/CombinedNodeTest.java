package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CombinedNodeTest {

    @TempDir
    Path dir;

    static CreateTopicsRequestData create(String topic, int partitions) {
        return create(topic, partitions, 1);
    }

    static CreateTopicsRequestData create(String topic, int partitions, int replicationFactor) {
        CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        request.topics()
                .add(new CreatableTopic()
                        .setName(topic)
                        .setNumPartitions(partitions)
                        .setReplicationFactor((short) replicationFactor));
        return request;
    }

    @Test
    void aTopicIsCreatedSeenInTheImageAndDeletedById() throws Exception {
        try (TestNode broker = TestNode.single(dir, Map.of())) {
            List<ImageListener.ImageChange> changes = broker.changes;
            CreateTopicsResponseData created = broker.forward(create("orders", 3), 7, CreateTopicsResponseData.class);
            Uuid id = created.topics().find("orders").topicId();
            assertThat(created.topics().find("orders").errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(created.topics().find("orders").configs()).isNotEmpty();
            TestNode.await("topic in image", () -> broker.node().image().topic("orders") != null);

            ClusterImage.Topic topic = broker.node().image().topic(id);
            assertThat(topic.partitionCount()).isEqualTo(3);
            assertThat(topic.partition(2).leader()).isEqualTo(1);
            assertThat(topic.partition(2).replicas()).containsExactly(1);
            assertThat(topic.partition(3)).isNull();
            TestNode.await(
                    "listener told",
                    () -> changes.stream()
                            .anyMatch(change -> change.changedTopics().contains(id)));

            DeleteTopicsRequestData delete = new DeleteTopicsRequestData().setTimeoutMs(10_000);
            delete.topics()
                    .add(new DeleteTopicsRequestData.DeleteTopicState()
                            .setName(null)
                            .setTopicId(id));
            DeleteTopicsResponseData deleted = broker.forward(delete, 6, DeleteTopicsResponseData.class);
            assertThat(deleted.responses().iterator().next().errorCode()).isEqualTo(Errors.NONE.code());
            TestNode.await("topic gone", () -> broker.node().image().topic(id) == null);
            TestNode.await(
                    "listener told",
                    () -> changes.stream()
                            .anyMatch(change -> change.deletedTopics().contains(id)));
            assertThat(changes)
                    .isSortedAccordingTo(
                            (a, b) -> Long.compare(a.after().offset(), b.after().offset()));
            assertThat(changes.getFirst().before().offset()).isEqualTo(-1);
            assertThat(broker.faults).isEmpty();
        }
    }

    @Test
    void aNodeThatStoppedAbruptlyIsUnfencedAgainAtOnce() throws Exception {
        TestNode first = TestNode.single(dir, Map.of("broker.session.timeout.ms", "60000"));
        first.forward(create("orders", 3), 7, CreateTopicsResponseData.class);
        long epoch = first.node().brokerEpoch();
        // No controlled shutdown: for the controller's log, this broker is alive.
        first.close();

        long startNs = System.nanoTime();
        try (TestNode second = TestNode.single(dir, Map.of("broker.session.timeout.ms", "60000"))) {
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs))
                    .isLessThan(20);
            assertThat(second.node().brokerEpoch()).isGreaterThan(epoch);
            assertThat(second.node().image().topic("orders").partition(0).leader())
                    .isEqualTo(1);
            assertThat(second.faults).isEmpty();
        }
    }

    @Test
    void aBrokerIsReleasedByAControlledShutdown() throws Exception {
        try (TestNode broker = TestNode.single(dir, Map.of())) {
            broker.forward(create("orders", 3), 7, CreateTopicsResponseData.class);
            long startNs = System.nanoTime();
            broker.node().controlledShutdown(20_000).get(30, TimeUnit.SECONDS);
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs))
                    .isLessThan(10);
        }
    }
}
