package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.coordinator.group.GroupCoordinator;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Committed offsets of groups. Coordinators know topics by name; from version 10 on clients name them by id. Topics that do not exist
 * are answered here and do not reach the coordinator.
 */
final class GroupOffsets {

    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 10;

    private final Cluster cluster;
    private final GroupCoordinator groups;

    GroupOffsets(Cluster cluster, GroupCoordinator groups) {
        this.cluster = cluster;
        this.groups = groups;
    }

    CompletableFuture<? extends ApiMessage> commit(ClientContext client, OffsetCommitRequestData request) {
        boolean byId = client.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        ClusterImage image = cluster.image();
        List<OffsetCommitRequestTopic> known = new ArrayList<>();
        List<OffsetCommitResponseTopic> refused = new ArrayList<>();
        for (OffsetCommitRequestTopic asked : request.topics()) {
            Topic topic = byId ? image.topic(asked.topicId()) : image.topic(asked.name());
            if (topic == null) {
                refused.add(refused(asked, byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION));
            } else {
                known.add(asked.setName(topic.name()).setTopicId(topic.id()));
            }
        }
        if (known.isEmpty() && !refused.isEmpty()) {
            return CompletableFuture.completedFuture(new OffsetCommitResponseData().setTopics(refused));
        }
        return groups.commitOffsets(client, request.setTopics(known)).thenApply(response -> {
            List<OffsetCommitResponseTopic> all = new ArrayList<>(response.topics());
            all.addAll(refused);
            return response.setTopics(all);
        });
    }

    private static OffsetCommitResponseTopic refused(OffsetCommitRequestTopic asked, Errors error) {
        return new OffsetCommitResponseTopic()
                .setName(asked.name())
                .setTopicId(asked.topicId())
                .setPartitions(asked.partitions().stream()
                        .map(partition -> new OffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(error.code()))
                        .toList());
    }

    CompletableFuture<? extends ApiMessage> fetch(ClientContext client, OffsetFetchRequestData request) {
        if (client.apiVersion() < FIRST_VERSION_WITH_TOPIC_IDS) {
            return groups.fetchOffsets(client, request);
        }
        ClusterImage image = cluster.image();
        List<List<OffsetFetchResponseTopics>> refused = new ArrayList<>();
        for (OffsetFetchRequestGroup group : request.groups()) {
            refused.add(resolve(group, image));
        }
        return groups.fetchOffsets(client, request)
                .thenApply(response -> complete(request, response, refused, cluster.image()));
    }

    /** Gives {@code group}'s topics their names, and takes out those that do not exist. */
    private static List<OffsetFetchResponseTopics> resolve(OffsetFetchRequestGroup group, ClusterImage image) {
        List<OffsetFetchResponseTopics> refused = new ArrayList<>();
        if (group.topics() == null) {
            return refused;
        }
        List<OffsetFetchRequestTopics> known = new ArrayList<>();
        for (OffsetFetchRequestTopics asked : group.topics()) {
            Topic topic = image.topic(asked.topicId());
            if (topic == null) {
                refused.add(refused(asked));
            } else {
                known.add(asked.setName(topic.name()));
            }
        }
        group.setTopics(known);
        return refused;
    }

    private static OffsetFetchResponseTopics refused(OffsetFetchRequestTopics asked) {
        return new OffsetFetchResponseTopics()
                .setTopicId(asked.topicId())
                .setPartitions(asked.partitionIndexes().stream()
                        .map(partition -> new OffsetFetchResponsePartitions()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(-1)
                                .setMetadata("")
                                .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()))
                        .toList());
    }

    private static OffsetFetchResponseData complete(
            OffsetFetchRequestData request,
            OffsetFetchResponseData response,
            List<List<OffsetFetchResponseTopics>> refused,
            ClusterImage image) {
        for (int i = 0; i < request.groups().size(); i++) {
            String groupId = request.groups().get(i).groupId();
            List<OffsetFetchResponseTopics> refusedTopics = refused.get(i);
            for (OffsetFetchResponseGroup group : response.groups()) {
                if (group.groupId().equals(groupId) && group.errorCode() == Errors.NONE.code()) {
                    group.setTopics(withIds(group.topics(), refusedTopics, image));
                }
            }
        }
        return response;
    }

    /** Commits of topics that no longer exist have no id that the client could understand. */
    private static List<OffsetFetchResponseTopics> withIds(
            List<OffsetFetchResponseTopics> topics, List<OffsetFetchResponseTopics> refused, ClusterImage image) {
        List<OffsetFetchResponseTopics> all = new ArrayList<>();
        for (OffsetFetchResponseTopics answered : topics) {
            Topic topic = image.topic(answered.name());
            if (topic != null) {
                all.add(answered.setTopicId(topic.id()));
            } else if (!answered.topicId().equals(Uuid.ZERO_UUID)) {
                all.add(answered);
            }
        }
        all.addAll(refused);
        return all;
    }

    CompletableFuture<? extends ApiMessage> delete(ClientContext client, OffsetDeleteRequestData request) {
        ClusterImage image = cluster.image();
        OffsetDeleteRequestTopicCollection known = new OffsetDeleteRequestTopicCollection();
        List<OffsetDeleteResponseTopic> refused = new ArrayList<>();
        for (OffsetDeleteRequestTopic asked : request.topics()) {
            if (image.topic(asked.name()) != null) {
                known.add(asked.duplicate());
            } else {
                OffsetDeleteResponseTopic topic = new OffsetDeleteResponseTopic().setName(asked.name());
                asked.partitions()
                        .forEach(partition -> topic.partitions()
                                .add(new OffsetDeleteResponsePartition()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())));
                refused.add(topic);
            }
        }
        // The group is checked even if no topic is left: its error counts more.
        return groups.deleteOffsets(client, request.setTopics(known)).thenApply(response -> added(response, refused));
    }

    private static OffsetDeleteResponseData added(
            OffsetDeleteResponseData response, List<OffsetDeleteResponseTopic> refused) {
        if (response.errorCode() == Errors.NONE.code()) {
            refused.forEach(response.topics()::add);
        }
        return response;
    }
}
