package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ImageListener;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.request.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData;
import org.apache.kafka.common.message.AssignReplicasToDirsResponseData;
import org.apache.kafka.common.message.AssignReplicasToDirsResponseData.DirectoryData;
import org.apache.kafka.common.message.AssignReplicasToDirsResponseData.PartitionData;
import org.apache.kafka.common.message.AssignReplicasToDirsResponseData.TopicData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** The controller is told where replicas lie, all of them and at once. */
class DirectoryAssignmentsTest {

    private static final Uuid TOPIC = new Uuid(1, 2);
    private static final Uuid DIRECTORY = new Uuid(3, 4);

    private final Controller controller = new Controller();
    private final DirectoryAssignments assignments = new DirectoryAssignments(1, controller);

    @Test
    void whatComesMeanwhileFollowsTheAnswer() {
        assignments.assign(partition(0), DIRECTORY);
        assignments.assign(partition(1), DIRECTORY);
        assignments.assign(partition(2), DIRECTORY);

        controller.answer();
        controller.answer();

        assertThat(controller.told).containsExactly(List.of(0), List.of(1, 2));
    }

    @Test
    void soItDoesWhereTheMetadataIsFasterThanTheAnswer() {
        assignments.assign(partition(0), DIRECTORY);
        assignments.assign(partition(1), DIRECTORY);

        assignments.settled(partition(0));
        controller.answer();

        assertThat(controller.told).containsExactly(List.of(0), List.of(1));
    }

    private static TopicIdPartition partition(int number) {
        return new TopicIdPartition(TOPIC, number, "t");
    }

    /** Keeps the partitions of each request, and answers when it is told to. */
    private static final class Controller implements Cluster {
        private final List<List<Integer>> told = new ArrayList<>();
        private CompletableFuture<ApiMessage> open = new CompletableFuture<>();

        @Override
        public CompletableFuture<ApiMessage> ask(ApiMessage request, short version) {
            told.add(((AssignReplicasToDirsRequestData) request)
                    .directories().getFirst().topics().getFirst().partitions().stream()
                            .map(AssignReplicasToDirsRequestData.PartitionData::partitionIndex)
                            .sorted()
                            .toList());
            open = new CompletableFuture<>();
            return open;
        }

        void answer() {
            List<PartitionData> partitions = told.getLast().stream()
                    .map(number -> new PartitionData().setPartitionIndex(number))
                    .toList();
            TopicData topic = new TopicData().setTopicId(TOPIC).setPartitions(partitions);
            DirectoryData directory = new DirectoryData().setId(DIRECTORY).setTopics(List.of(topic));
            open.complete(new AssignReplicasToDirsResponseData().setDirectories(List.of(directory)));
        }

        @Override
        public ClusterImage image() {
            return new TestImage();
        }

        @Override
        public void addListener(ImageListener listener) {
            listener.imageChanged(new TestImage().asFirst());
        }

        @Override
        public OptionalInt controllerId() {
            return OptionalInt.of(1);
        }

        @Override
        public long brokerEpoch() {
            return 1;
        }

        @Override
        public CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<ApiMessage> serveController(
                ClientContext client, String connectionId, ApiMessage request) {
            return null;
        }

        @Override
        public void connectionClosed(String connectionId) {
            // Nothing hangs on connections here.
        }
    }
}
