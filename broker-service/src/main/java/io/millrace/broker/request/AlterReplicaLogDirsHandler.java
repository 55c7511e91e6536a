package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.network.Request;
import io.millrace.broker.replication.Partition;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirPartitionResult;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** AlterReplicaLogDirs: replicas of this broker are to lie in other log directories (KIP-113). Answered when the moves have begun. */
final class AlterReplicaLogDirsHandler implements ApiHandler {

    private final BrokerServices broker;

    AlterReplicaLogDirsHandler(BrokerServices broker) {
        this.broker = broker;
    }

    private record Move(TopicPartition partition, Path destination, AlterReplicaLogDirPartitionResult result) {}

    @Override
    public void handle(Request request) {
        AlterReplicaLogDirsRequestData body = (AlterReplicaLogDirsRequestData) request.body();
        AlterReplicaLogDirsResponseData response = new AlterReplicaLogDirsResponseData();
        List<Move> moves = new ArrayList<>();
        for (AlterReplicaLogDir directory : body.dirs()) {
            Path destination = pathOf(directory.path());
            for (AlterReplicaLogDirTopic topic : directory.topics()) {
                AlterReplicaLogDirTopicResult topicResult = resultOf(response, topic.name());
                for (int number : topic.partitions()) {
                    AlterReplicaLogDirPartitionResult result =
                            new AlterReplicaLogDirPartitionResult().setPartitionIndex(number);
                    topicResult.partitions().add(result);
                    moves.add(new Move(new TopicPartition(topic.name(), number), destination, result));
                }
            }
        }
        if (moves.isEmpty()) {
            request.reply(response);
            return;
        }
        AtomicInteger missing = new AtomicInteger(moves.size());
        for (Move move : moves) {
            begin(move, () -> {
                if (missing.decrementAndGet() == 0) {
                    request.reply(response);
                }
            });
        }
    }

    /** What is no path at all is no log directory either. */
    private static Path pathOf(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            return Path.of("");
        }
    }

    private static AlterReplicaLogDirTopicResult resultOf(AlterReplicaLogDirsResponseData response, String topic) {
        for (AlterReplicaLogDirTopicResult result : response.results()) {
            if (result.topicName().equals(topic)) {
                return result;
            }
        }
        AlterReplicaLogDirTopicResult result = new AlterReplicaLogDirTopicResult().setTopicName(topic);
        response.results().add(result);
        return result;
    }

    private void begin(Move move, Runnable done) {
        Partition partition = broker.partitions().find(move.partition.topic(), move.partition.partition());
        if (partition == null) {
            answer(move, null);
            done.run();
        } else {
            partition.loop().run(() -> {
                answer(move, partition);
                done.run();
            });
        }
    }

    private void answer(Move move, @Nullable Partition partition) {
        boolean failed = partition != null && partition.leaderError() == Errors.KAFKA_STORAGE_ERROR;
        Errors error = failed
                ? Errors.KAFKA_STORAGE_ERROR
                : broker.directories()
                        .alterDirectory(
                                move.partition,
                                partition != null && partition.isOpen() ? partition.log() : null,
                                move.destination);
        boolean unknown = error == Errors.REPLICA_NOT_AVAILABLE && !exists(move.partition);
        move.result.setErrorCode((unknown ? Errors.UNKNOWN_TOPIC_OR_PARTITION : error).code());
    }

    private boolean exists(TopicPartition partition) {
        Topic topic = broker.cluster().image().topic(partition.topic());
        return topic != null && topic.partition(partition.partition()) != null;
    }
}
