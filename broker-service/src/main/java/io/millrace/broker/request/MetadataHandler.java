package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/** Metadata, versions 0 to 13: brokers, topics and partitions as the listener's clients see them; creates topics on the way. */
final class MetadataHandler {

    private final RequestConfig config;
    private final Cluster cluster;
    private final TopicCreation creation;
    private final Authorization authorization;

    MetadataHandler(RequestConfig config, Cluster cluster, TopicCreation creation, Authorization authorization) {
        this.config = config;
        this.cluster = cluster;
        this.creation = creation;
        this.authorization = authorization;
    }

    ApiMessage answer(ClientContext client, MetadataRequestData request) {
        short version = client.apiVersion();
        checkTopics(request, version);
        ClusterImage image = cluster.image();
        LiveNodes nodes = new LiveNodes(image, client.listener());
        MetadataResponseData response = new MetadataResponseData()
                .setClusterId(image.clusterId())
                .setControllerId(nodes.controllerFor(config.brokerId()));
        for (Node node : nodes.all()) {
            response.brokers()
                    .add(new MetadataResponseBroker()
                            .setNodeId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack()));
        }
        addTopics(client, request, nodes, response);
        if (request.includeClusterAuthorizedOperations() && version >= 8 && version <= 10) {
            response.setClusterAuthorizedOperations(
                    authorization.operations(client, ResourceType.CLUSTER, Resource.CLUSTER_NAME));
        }
        return response;
    }

    private static void checkTopics(MetadataRequestData request, short version) {
        if (request.topics() == null || version >= 12) {
            return;
        }
        for (MetadataRequestTopic topic : request.topics()) {
            if (topic.name() == null) {
                throw new InvalidRequestException("topic names cannot be null in Metadata version " + version);
            }
            if (!topic.topicId().equals(Uuid.ZERO_UUID)) {
                throw new InvalidRequestException("topic ids are not supported in Metadata version " + version);
            }
        }
    }

    private void addTopics(
            ClientContext client, MetadataRequestData request, LiveNodes nodes, MetadataResponseData response) {
        TopicView view = new TopicView(client, nodes, request.includeTopicAuthorizedOperations());
        List<MetadataRequestTopic> asked = request.topics();
        if (asked == null || (client.apiVersion() == 0 && asked.isEmpty())) {
            for (Topic topic : nodes.image().topics()) {
                response.topics().add(view.of(topic));
            }
            return;
        }
        Set<String> missing = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        Set<Uuid> ids = new LinkedHashSet<>();
        for (MetadataRequestTopic topic : asked) {
            if (!topic.topicId().equals(Uuid.ZERO_UUID)) {
                ids.add(topic.topicId());
            } else if (topic.name() != null) {
                names.add(topic.name());
            }
        }
        for (String name : names) {
            Topic topic = nodes.image().topic(name);
            if (topic == null) {
                missing.add(name);
            } else {
                response.topics().add(view.of(topic));
            }
        }
        for (Uuid id : ids) {
            Topic topic = nodes.image().topic(id);
            response.topics().add(topic == null ? view.unknown(id) : view.of(topic));
        }
        boolean create = request.allowAutoTopicCreation() && config.autoCreateTopics();
        for (String name : missing) {
            Errors error = create ? creation.create(client, name) : TopicCreation.unknown(name);
            response.topics().add(view.unknown(name, error));
        }
    }

    /** How one client sees topics. */
    private final class TopicView {
        private final ClientContext client;
        private final LiveNodes nodes;
        private final boolean withOperations;

        TopicView(ClientContext client, LiveNodes nodes, boolean withOperations) {
            this.client = client;
            this.nodes = nodes;
            this.withOperations = withOperations && client.apiVersion() >= 8;
        }

        MetadataResponseTopic of(Topic topic) {
            List<MetadataResponsePartition> partitions = new ArrayList<>(topic.partitionCount());
            for (int number = 0; number < topic.partitionCount(); number++) {
                PartitionRegistration partition = topic.partition(number);
                if (partition != null) {
                    partitions.add(of(partition));
                }
            }
            MetadataResponseTopic response = new MetadataResponseTopic()
                    .setName(topic.name())
                    .setTopicId(topic.id())
                    .setIsInternal(TopicCreation.isInternal(topic.name()))
                    .setPartitions(partitions);
            if (withOperations) {
                response.setTopicAuthorizedOperations(
                        authorization.operations(client, ResourceType.TOPIC, topic.name()));
            }
            return response;
        }

        MetadataResponseTopic unknown(String name, Errors error) {
            return new MetadataResponseTopic()
                    .setErrorCode(error.code())
                    .setName(name)
                    .setIsInternal(TopicCreation.isInternal(name));
        }

        MetadataResponseTopic unknown(Uuid id) {
            return new MetadataResponseTopic()
                    .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code())
                    .setName(null)
                    .setTopicId(id);
        }

        private MetadataResponsePartition of(PartitionRegistration partition) {
            // Clients of version 0 take a replica that they cannot look up for a broken response.
            boolean onlyAlive = client.apiVersion() == 0;
            List<Integer> replicas = onlyAlive ? alive(partition.replicas()) : partition.replicas();
            List<Integer> isr = onlyAlive ? alive(partition.isr()) : partition.isr();
            Node leader = nodes.find(partition.leader());
            Errors error = leader == null ? withoutLeader(partition) : Errors.NONE;
            if (leader != null
                    && (replicas.size() < partition.replicas().size()
                            || isr.size() < partition.isr().size())) {
                error = Errors.REPLICA_NOT_AVAILABLE;
            }
            return new MetadataResponsePartition()
                    .setErrorCode(error.code())
                    .setPartitionIndex(partition.partition())
                    .setLeaderId(leader == null ? -1 : leader.id())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setReplicaNodes(replicas)
                    .setIsrNodes(isr)
                    .setOfflineReplicas(offline(partition.replicas()));
        }

        private Errors withoutLeader(PartitionRegistration partition) {
            boolean registered = nodes.image().broker(partition.leader()) != null;
            return registered && client.apiVersion() >= 6 ? Errors.LISTENER_NOT_FOUND : Errors.LEADER_NOT_AVAILABLE;
        }

        private List<Integer> alive(List<Integer> brokers) {
            return brokers.stream().filter(id -> nodes.find(id) != null).toList();
        }

        private List<Integer> offline(List<Integer> brokers) {
            @Nullable List<Integer> offline = null;
            for (int id : brokers) {
                if (nodes.find(id) == null) {
                    offline = offline == null ? new ArrayList<>() : offline;
                    offline.add(id);
                }
            }
            return offline == null ? List.of() : offline;
        }
    }
}
