package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.network.Request;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/** Puts a fetch's findings into its response: all partitions, or in an incremental fetch those with news. */
final class FetchReply {

    private static final short FIRST_VERSION_WITH_ENDPOINTS = 16;

    private FetchReply() {}

    static void send(
            BrokerServices broker,
            Request request,
            List<FetchedPartition> partitions,
            FetchSessions.Resolution resolution) {
        FetchResponseData response = new FetchResponseData();
        FetchSession session = resolution.session();
        List<FetchedPartition> served = new ArrayList<>();
        FetchableTopicResponse topic = null;
        for (FetchedPartition item : partitions) {
            if (resolution.incremental() && !item.hasNews()) {
                continue;
            }
            if (item.records != null) {
                served.add(item);
            }
            if (topic == null
                    || !topic.topic().equals(item.topic)
                    || !topic.topicId().equals(item.topicId)) {
                topic = new FetchableTopicResponse().setTopic(item.topic).setTopicId(item.topicId);
                response.responses().add(topic);
            }
            PartitionData data = item.tell();
            if (request.apiVersion() >= FIRST_VERSION_WITH_ENDPOINTS) {
                addLeader(broker.cluster().image(), request, item, data, response);
            }
            topic.partitions().add(data);
        }
        if (session != null) {
            response.setSessionId(session.id());
            served.forEach(session::moveToEnd);
            session.end();
        }
        request.reply(response);
    }

    /** Tells a client that asked the wrong broker, or with an old epoch, where to go (KIP-951). */
    private static void addLeader(
            ClusterImage image,
            Request request,
            FetchedPartition item,
            PartitionData data,
            FetchResponseData response) {
        if (item.error != Errors.NOT_LEADER_OR_FOLLOWER && item.error != Errors.FENCED_LEADER_EPOCH) {
            return;
        }
        CurrentLeader leader = CurrentLeader.of(
                item.partition,
                image,
                image.topic(item.topicId),
                item.number,
                request.client().listener());
        data.setCurrentLeader(
                new LeaderIdAndEpoch().setLeaderId(leader.leaderId()).setLeaderEpoch(leader.leaderEpoch()));
        Node node = leader.node();
        if (node != null && response.nodeEndpoints().find(node.id()) == null) {
            response.nodeEndpoints()
                    .add(new NodeEndpoint()
                            .setNodeId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack()));
        }
    }
}
