package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.log.AppendResult;
import io.millrace.broker.network.Request;
import io.millrace.broker.replication.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one produce request, filled in by the loops of its partitions and sent by the last of them. Each partition's part is
 * written by one loop only; the countdown makes them visible to the sender.
 */
final class ProduceReply {

    private static final short FIRST_VERSION_WITH_LEADER = 10;

    private final Request request;
    private final short acks;
    private final Cluster cluster;
    private final ProduceResponseData response = new ProduceResponseData();
    private final AtomicInteger missing = new AtomicInteger();

    ProduceReply(Request request, short acks, Cluster cluster) {
        this.request = request;
        this.acks = acks;
        this.cluster = cluster;
    }

    TopicProduceResponse topic(String name, Uuid id) {
        TopicProduceResponse existing = response.responses().find(name, id);
        if (existing != null) {
            return existing;
        }
        TopicProduceResponse topic = new TopicProduceResponse().setName(name).setTopicId(id);
        response.responses().add(topic);
        return topic;
    }

    /** How many partitions will report. Before the first of them can. */
    void expect(int partitions) {
        missing.set(partitions);
    }

    /** One partition is done; on its loop. */
    void appended(
            Partition partition,
            PartitionProduceResponse into,
            Errors error,
            @Nullable String message,
            @Nullable AppendResult result) {
        into.setErrorCode(error.code()).setErrorMessage(message);
        switch (result) {
            case AppendResult.Appended appended ->
                offsets(into, error, appended.baseOffset(), appended.logAppendTimeMs(), appended.logStartOffset());
            case AppendResult.Duplicate duplicate ->
                offsets(into, error, duplicate.baseOffset(), duplicate.logAppendTimeMs(), duplicate.logStartOffset());
            case AppendResult.Rejected rejected -> into.setRecordErrors(recordErrors(rejected));
            case null -> {}
        }
        if (error == Errors.NOT_LEADER_OR_FOLLOWER) {
            notLeader(into, partition, cluster.image().topic(partition.id().topicId()));
        }
        if (missing.decrementAndGet() == 0) {
            send();
        }
    }

    private static void offsets(
            PartitionProduceResponse into, Errors error, long baseOffset, long logAppendTimeMs, long logStartOffset) {
        // Records that are in the log but not acknowledged have no offset that the client may rely on.
        if (error == Errors.NONE) {
            into.setBaseOffset(baseOffset).setLogAppendTimeMs(logAppendTimeMs).setLogStartOffset(logStartOffset);
        }
    }

    private static List<BatchIndexAndErrorMessage> recordErrors(AppendResult.Rejected rejected) {
        List<BatchIndexAndErrorMessage> errors =
                new ArrayList<>(rejected.recordErrors().size());
        for (AppendResult.RecordError error : rejected.recordErrors()) {
            errors.add(new BatchIndexAndErrorMessage()
                    .setBatchIndex(error.batchIndex())
                    .setBatchIndexErrorMessage(error.message()));
        }
        return errors;
    }

    /** Tells the client where to go instead. */
    void notLeader(PartitionProduceResponse into, @Nullable Partition hosted, @Nullable Topic topic) {
        into.setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code());
        if (request.apiVersion() < FIRST_VERSION_WITH_LEADER) {
            return;
        }
        CurrentLeader leader = CurrentLeader.of(
                hosted, cluster.image(), topic, into.index(), request.client().listener());
        into.setCurrentLeader(
                new LeaderIdAndEpoch().setLeaderId(leader.leaderId()).setLeaderEpoch(leader.leaderEpoch()));
    }

    void send() {
        if (acks == 0) {
            sendNothing();
            return;
        }
        if (request.apiVersion() >= FIRST_VERSION_WITH_LEADER) {
            addEndpoints();
        }
        request.reply(response);
    }

    /** Without acks a closed connection is the only sign that a client can be given. */
    private void sendNothing() {
        for (TopicProduceResponse topic : response.responses()) {
            for (PartitionProduceResponse partition : topic.partitionResponses()) {
                if (partition.errorCode() != Errors.NONE.code()) {
                    request.close("produce with acks=0 to " + topic.name() + "-" + partition.index() + " failed: "
                            + Errors.forCode(partition.errorCode()));
                    return;
                }
            }
        }
        request.replyNothing();
    }

    private void addEndpoints() {
        LiveNodes nodes = new LiveNodes(cluster.image(), request.client().listener());
        for (TopicProduceResponse topic : response.responses()) {
            for (PartitionProduceResponse partition : topic.partitionResponses()) {
                int leaderId = partition.currentLeader().leaderId();
                Node node =
                        leaderId == -1 || response.nodeEndpoints().find(leaderId) != null ? null : nodes.find(leaderId);
                if (node != null) {
                    response.nodeEndpoints()
                            .add(new NodeEndpoint()
                                    .setNodeId(node.id())
                                    .setHost(node.host())
                                    .setPort(node.port())
                                    .setRack(node.rack()));
                }
            }
        }
    }
}
