package io.millrace.broker.request;

import io.millrace.broker.log.LogDirectories.FutureLog;
import io.millrace.broker.log.LogDirectories.LogDirectory;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.replication.Partition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** DescribeLogDirs, versions 1 to 5: the directories of this broker, what lies in them and how much room they have. */
final class DescribeLogDirsHandler {

    private final BrokerServices broker;

    DescribeLogDirsHandler(BrokerServices broker) {
        this.broker = broker;
    }

    ApiMessage answer(ClientContext client, DescribeLogDirsRequestData request) {
        Map<Uuid, Map<String, DescribeLogDirsTopic>> byDirectory = new HashMap<>();
        for (Partition partition : broker.partitions().all()) {
            if (partition.isOpen() && wanted(request, partition.id().topicPartition())) {
                Uuid directory = broker.directories().directoryIdOf(partition.log());
                partitions(byDirectory, directory, partition.id().topic())
                        .add(new DescribeLogDirsPartition()
                                .setPartitionIndex(partition.id().partition())
                                .setPartitionSize(partition.log().sizeBytes())
                                .setOffsetLag(0));
            }
        }
        for (FutureLog future : broker.directories().futureLogs()) {
            if (wanted(request, future.topicPartition())) {
                partitions(
                                byDirectory,
                                future.directoryId(),
                                future.topicPartition().topic())
                        .add(new DescribeLogDirsPartition()
                                .setPartitionIndex(future.topicPartition().partition())
                                .setPartitionSize(future.sizeBytes())
                                .setOffsetLag(future.lag())
                                .setIsFutureKey(true));
            }
        }
        DescribeLogDirsResponseData response = new DescribeLogDirsResponseData();
        for (LogDirectory directory : broker.directories().directories()) {
            DescribeLogDirsResult result = new DescribeLogDirsResult()
                    .setLogDir(directory.path().toString())
                    .setTotalBytes(directory.totalBytes())
                    .setUsableBytes(directory.usableBytes());
            if (directory.online()) {
                result.topics()
                        .addAll(byDirectory
                                .getOrDefault(directory.id(), Map.of())
                                .values());
            } else {
                result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
            }
            response.results().add(result);
        }
        return response;
    }

    private static List<DescribeLogDirsPartition> partitions(
            Map<Uuid, Map<String, DescribeLogDirsTopic>> byDirectory, Uuid directory, String topic) {
        return byDirectory
                .computeIfAbsent(directory, _ -> new TreeMap<>())
                .computeIfAbsent(topic, name -> new DescribeLogDirsTopic().setName(name))
                .partitions();
    }

    private static boolean wanted(DescribeLogDirsRequestData request, TopicPartition partition) {
        if (request.topics() == null) {
            return true;
        }
        DescribableLogDirTopic topic = request.topics().find(partition.topic());
        return topic != null && topic.partitions().contains(partition.partition());
    }
}
