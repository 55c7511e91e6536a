package io.millrace.broker.replication;

import io.millrace.broker.cluster.Cluster;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData.DirectoryData;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData.PartitionData;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData.TopicData;
import org.apache.kafka.common.message.AssignReplicasToDirsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AssignReplicasToDirsRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the controller in which log directory replicas of this broker lie, where it knows otherwise (KIP-858): when a directory fails
 * it can give only those new leaders that it knows to be there. One request at a time. Any thread. Bound: a row per hosted partition.
 */
public final class DirectoryAssignments {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryAssignments.class);

    private final int brokerId;
    private final Cluster cluster;
    private final Map<TopicIdPartition, Uuid> wanted = new ConcurrentHashMap<>();
    private final AtomicBoolean inFlight = new AtomicBoolean();

    public DirectoryAssignments(int brokerId, Cluster cluster) {
        this.brokerId = brokerId;
        this.cluster = cluster;
    }

    /** Has the controller know that the replica lies in {@code directory}. */
    void assign(TopicIdPartition partition, Uuid directory) {
        if (!directory.equals(wanted.put(partition, directory))) {
            send();
        }
    }

    /** The replica is no longer here, or the controller knows where it is. */
    void settled(TopicIdPartition partition) {
        wanted.remove(partition);
    }

    /** Sends what is still to be told; also to be called now and then, for what the controller could not take at first. */
    void send() {
        if (wanted.isEmpty() || !inFlight.compareAndSet(false, true)) {
            return;
        }
        Map<TopicIdPartition, Uuid> rows = new LinkedHashMap<>();
        for (Map.Entry<TopicIdPartition, Uuid> row : wanted.entrySet()) {
            if (rows.size() < AssignReplicasToDirsRequest.MAX_ASSIGNMENTS_PER_REQUEST) {
                rows.put(row.getKey(), row.getValue());
            }
        }
        CompletableFuture<?> _ = cluster.ask(request(rows), ApiKeys.ASSIGN_REPLICAS_TO_DIRS.latestVersion())
                .whenComplete((response, failure) -> {
                    inFlight.set(false);
                    if (answered(rows, response, failure)) {
                        send();
                    }
                });
    }

    private AssignReplicasToDirsRequestData request(Map<TopicIdPartition, Uuid> rows) {
        Map<Uuid, Map<Uuid, TopicData>> directories = new LinkedHashMap<>();
        rows.forEach((partition, directory) -> directories
                .computeIfAbsent(directory, id -> new LinkedHashMap<>())
                .computeIfAbsent(partition.topicId(), id -> new TopicData().setTopicId(id))
                .partitions()
                .add(new PartitionData().setPartitionIndex(partition.partition())));
        List<DirectoryData> data = new ArrayList<>();
        directories.forEach(
                (id, topics) -> data.add(new DirectoryData().setId(id).setTopics(new ArrayList<>(topics.values()))));
        return new AssignReplicasToDirsRequestData()
                .setBrokerId(brokerId)
                .setBrokerEpoch(cluster.brokerEpoch())
                .setDirectories(data);
    }

    private record Key(Uuid topicId, int partition) {}

    /** Whether the controller has settled something, so that it is worth going on. */
    private boolean answered(
            Map<TopicIdPartition, Uuid> rows, @Nullable ApiMessage response, @Nullable Throwable failure) {
        if (!(response instanceof AssignReplicasToDirsResponseData data) || data.errorCode() != Errors.NONE.code()) {
            LOG.warn(
                    "the controller did not take the log directories of {} replicas: {}; it is told again",
                    rows.size(),
                    response instanceof AssignReplicasToDirsResponseData refused
                            ? Errors.forCode(refused.errorCode())
                            : Errors.forException(failure));
            return false;
        }
        Map<Key, Errors> errors = new HashMap<>();
        data.directories()
                .forEach(directory -> directory
                        .topics()
                        .forEach(topic -> topic.partitions()
                                .forEach(partition -> errors.put(
                                        new Key(topic.topicId(), partition.partitionIndex()),
                                        Errors.forCode(partition.errorCode())))));
        boolean settled = false;
        for (Map.Entry<TopicIdPartition, Uuid> row : rows.entrySet()) {
            TopicIdPartition partition = row.getKey();
            Errors error = errors.getOrDefault(
                    new Key(partition.topicId(), partition.partition()), Errors.UNKNOWN_SERVER_ERROR);
            switch (error) {
                // All but the first: the replica is going, as the metadata that is on its way will say.
                case NONE, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER -> {
                    wanted.remove(partition, row.getValue());
                    settled = true;
                }
                default -> LOG.warn("the controller did not take the log directory of {}: {}", partition, error);
            }
        }
        return settled;
    }
}
