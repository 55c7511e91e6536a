package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.network.Request;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.Partitions;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;
import org.jspecify.annotations.Nullable;

/**
 * Produce, versions 3 to 13. The batches stay where the network put them; partitions of the connection's own loop are appended to at
 * once, those of another loop by one message to that loop.
 */
final class ProduceHandler implements ApiHandler {

    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;

    /** The client id that may write to internal topics, as in Apache Kafka. */
    private static final String INTERNAL_TOPICS_CLIENT = "__admin_client";

    private final Cluster cluster;
    private final Partitions partitions;

    ProduceHandler(Cluster cluster, Partitions partitions) {
        this.cluster = cluster;
        this.partitions = partitions;
    }

    /** One partition's part of a request, on its way to the partition's loop. */
    private record Append(Partition partition, MemoryRecords records, PartitionProduceResponse response) {}

    @Override
    public void handle(Request request) {
        ProduceRequestData body = (ProduceRequestData) request.body();
        short acks = body.acks();
        boolean validAcks = acks == -1 || acks == 0 || acks == 1;
        ProduceReply reply = new ProduceReply(request, acks, cluster);
        List<Append> appends = new ArrayList<>();
        for (TopicProduceData topic : body.topicData()) {
            TopicProduceResponse topicResponse = reply.topic(topic.name(), topic.topicId());
            for (PartitionProduceData data : topic.partitionData()) {
                PartitionProduceResponse response =
                        new PartitionProduceResponse().setIndex(data.index()).setBaseOffset(-1);
                topicResponse.partitionResponses().add(response);
                Append append = validAcks
                        ? prepare(request, topic, data, response, reply)
                        : refuse(response, Errors.INVALID_REQUIRED_ACKS, null);
                if (append != null) {
                    appends.add(append);
                }
            }
        }
        send(request, body, appends, reply);
    }

    /** Null if the answer is already known. */
    private @Nullable Append prepare(
            Request request,
            TopicProduceData topic,
            PartitionProduceData data,
            PartitionProduceResponse response,
            ProduceReply reply) {
        boolean byId = request.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        Partition partition =
                byId ? partitions.find(topic.topicId(), data.index()) : partitions.find(topic.name(), data.index());
        if (partition == null) {
            return refuseUnknown(byId, topic, data.index(), response, reply);
        }
        String name = partition.id().topic();
        if (TopicCreation.isInternal(name)
                && !INTERNAL_TOPICS_CLIENT.equals(request.client().clientId())) {
            return refuse(response, Errors.INVALID_TOPIC_EXCEPTION, "Cannot append to internal topic " + name);
        }
        try {
            ProduceRequest.validateRecords(request.apiVersion(), data.records());
        } catch (ApiException e) {
            return refuse(response, Errors.forException(e), e.getMessage());
        }
        return new Append(partition, (MemoryRecords) data.records(), response);
    }

    private @Nullable Append refuseUnknown(
            boolean byId,
            TopicProduceData asked,
            int partition,
            PartitionProduceResponse response,
            ProduceReply reply) {
        Topic topic =
                byId ? cluster.image().topic(asked.topicId()) : cluster.image().topic(asked.name());
        if (topic != null && partition >= 0 && partition < topic.partitionCount()) {
            reply.notLeader(response, null, topic);
            return null;
        }
        Errors error = byId && topic == null && !asked.topicId().equals(Uuid.ZERO_UUID)
                ? Errors.UNKNOWN_TOPIC_ID
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return refuse(response, error, null);
    }

    private static @Nullable Append refuse(PartitionProduceResponse response, Errors error, @Nullable String message) {
        response.setErrorCode(error.code()).setErrorMessage(message);
        return null;
    }

    private static void send(Request request, ProduceRequestData body, List<Append> appends, ProduceReply reply) {
        if (appends.isEmpty()) {
            reply.send();
            return;
        }
        reply.expect(appends.size());
        // Other loops first, so that they work while this one does.
        EventLoop here = request.loop();
        List<Append> local = appends;
        for (int i = 0; i < appends.size(); i++) {
            if (!appends.get(i).partition().livesOn(here)) {
                local = sendAway(appends, here, body, reply);
                break;
            }
        }
        appendAll(local, body, reply);
    }

    /** One message a loop; returns what is left for {@code here}. */
    private static List<Append> sendAway(
            List<Append> appends, EventLoop here, ProduceRequestData body, ProduceReply reply) {
        List<Append> local = new ArrayList<>();
        List<Append> rest = new ArrayList<>();
        for (Append append : appends) {
            (append.partition().livesOn(here) ? local : rest).add(append);
        }
        while (!rest.isEmpty()) {
            EventLoop loop = rest.getFirst().partition().loop();
            List<Append> message = new ArrayList<>();
            rest.removeIf(append -> append.partition().livesOn(loop) && message.add(append));
            loop.execute(() -> appendAll(message, body, reply));
        }
        return local;
    }

    private static void appendAll(List<Append> appends, ProduceRequestData body, ProduceReply reply) {
        for (Append append : appends) {
            append.partition()
                    .append(
                            append.records(),
                            AppendOrigin.CLIENT,
                            body.acks(),
                            body.timeoutMs(),
                            (error, message, result) ->
                                    reply.appended(append.partition(), append.response(), error, message, result));
        }
    }
}
