package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.protocol.ClientContext;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeTopicPartitions, version 0: topics in the order of their names, page by page. */
final class DescribeTopicPartitionsHandler {

    private final BrokerServices broker;

    DescribeTopicPartitionsHandler(BrokerServices broker) {
        this.broker = broker;
    }

    ApiMessage answer(ClientContext client, DescribeTopicPartitionsRequestData request) {
        DescribeTopicPartitionsRequestData.Cursor from = request.cursor();
        if (from != null && from.partitionIndex() < 0) {
            throw new InvalidRequestException("the cursor's partition " + from.partitionIndex() + " is negative");
        }
        LiveNodes nodes = new LiveNodes(broker.cluster().image(), client.listener());
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        int room =
                Math.max(1, Math.min(broker.config().maxPartitionsPerDescription(), request.responsePartitionLimit()));
        boolean all = request.topics().isEmpty();
        SortedSet<String> names = names(request, nodes, all);
        if (from != null) {
            names = names.tailSet(from.topicName());
        }
        for (String name : names) {
            if (room <= 0) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
                return response;
            }
            Topic topic = nodes.image().topic(name);
            if (topic == null) {
                addUnknown(name, all, response);
                continue;
            }
            int first = from != null && from.topicName().equals(name) ? from.partitionIndex() : 0;
            int end = Math.min(topic.partitionCount(), first + room);
            response.topics().add(describe(client, topic, first, end, nodes));
            room -= Math.max(0, end - first);
            if (end < topic.partitionCount()) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(end));
                return response;
            }
        }
        return response;
    }

    private static SortedSet<String> names(DescribeTopicPartitionsRequestData request, LiveNodes nodes, boolean all) {
        SortedSet<String> names = new TreeSet<>();
        if (all) {
            nodes.image().topics().forEach(topic -> names.add(topic.name()));
        } else {
            for (TopicRequest topic : request.topics()) {
                names.add(topic.name());
            }
        }
        return names;
    }

    private static void addUnknown(String name, boolean all, DescribeTopicPartitionsResponseData response) {
        if (!all) {
            response.topics()
                    .add(new DescribeTopicPartitionsResponseTopic()
                            .setErrorCode(TopicCreation.unknown(name).code())
                            .setName(name)
                            .setIsInternal(TopicCreation.isInternal(name)));
        }
    }

    private DescribeTopicPartitionsResponseTopic describe(
            ClientContext client, Topic topic, int first, int end, LiveNodes nodes) {
        DescribeTopicPartitionsResponseTopic response = new DescribeTopicPartitionsResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setIsInternal(TopicCreation.isInternal(topic.name()))
                .setTopicAuthorizedOperations(
                        broker.authorization().operations(client, ResourceType.TOPIC, topic.name()));
        for (int number = first; number < end; number++) {
            PartitionRegistration partition = topic.partition(number);
            if (partition != null) {
                response.partitions().add(describe(partition, nodes));
            }
        }
        return response;
    }

    private static DescribeTopicPartitionsResponsePartition describe(PartitionRegistration partition, LiveNodes nodes) {
        Node leader = nodes.find(partition.leader());
        List<Integer> offline = partition.replicas().stream()
                .filter(replica -> nodes.find(replica) == null)
                .toList();
        Errors error = Errors.NONE;
        if (leader == null) {
            error = nodes.image().broker(partition.leader()) == null
                    ? Errors.LEADER_NOT_AVAILABLE
                    : Errors.LISTENER_NOT_FOUND;
        }
        return new DescribeTopicPartitionsResponsePartition()
                .setErrorCode(error.code())
                .setPartitionIndex(partition.partition())
                .setLeaderId(leader == null ? -1 : leader.id())
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(partition.replicas())
                .setIsrNodes(partition.isr())
                .setEligibleLeaderReplicas(partition.eligibleLeaderReplicas())
                .setLastKnownElr(partition.lastKnownLeader())
                .setOfflineReplicas(offline);
    }
}
