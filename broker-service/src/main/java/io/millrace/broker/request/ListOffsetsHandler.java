package io.millrace.broker.request;

import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.log.PartitionLog.TimestampOffset;
import io.millrace.broker.network.Request;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.ReadLimit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.jspecify.annotations.Nullable;

/**
 * ListOffsets, versions 1 to 11. Ends of logs are answered from snapshots; timestamps are looked up by I/O workers, as that may read
 * cold data.
 */
final class ListOffsetsHandler implements ApiHandler {

    private static final int CONSUMER = ListOffsetsRequest.CONSUMER_REPLICA_ID;

    private final BrokerServices broker;

    ListOffsetsHandler(BrokerServices broker) {
        this.broker = broker;
    }

    /** A look-up that has to wait for a worker. */
    private record Search(
            Partition partition, ListOffsetsPartition asked, ReadLimit limit, ListOffsetsPartitionResponse response) {}

    @Override
    public void handle(Request request) {
        ListOffsetsRequestData body = (ListOffsetsRequestData) request.body();
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        Set<TopicPartition> duplicates = duplicates(body);
        List<Search> searches = new ArrayList<>();
        for (ListOffsetsTopic topic : body.topics()) {
            ListOffsetsTopicResponse topicResponse = new ListOffsetsTopicResponse().setName(topic.name());
            response.topics().add(topicResponse);
            for (ListOffsetsPartition asked : topic.partitions()) {
                ListOffsetsPartitionResponse answer =
                        new ListOffsetsPartitionResponse().setPartitionIndex(asked.partitionIndex());
                topicResponse.partitions().add(answer);
                if (duplicates.contains(new TopicPartition(topic.name(), asked.partitionIndex()))) {
                    answer.setErrorCode(Errors.INVALID_REQUEST.code());
                } else {
                    answer(request, body, topic.name(), asked, answer, searches);
                }
            }
        }
        search(request, response, searches);
    }

    private static Set<TopicPartition> duplicates(ListOffsetsRequestData body) {
        Set<TopicPartition> seen = new HashSet<>();
        Set<TopicPartition> duplicates = new HashSet<>();
        for (ListOffsetsTopic topic : body.topics()) {
            for (ListOffsetsPartition partition : topic.partitions()) {
                TopicPartition key = new TopicPartition(topic.name(), partition.partitionIndex());
                if (!seen.add(key)) {
                    duplicates.add(key);
                }
            }
        }
        return duplicates;
    }

    private void answer(
            Request request,
            ListOffsetsRequestData body,
            String topic,
            ListOffsetsPartition asked,
            ListOffsetsPartitionResponse answer,
            List<Search> searches) {
        Partition partition = broker.partitions().find(topic, asked.partitionIndex());
        Errors error = check(partition, topic, asked, request.apiVersion(), body.replicaId());
        if (error != Errors.NONE || partition == null) {
            answer.setErrorCode(error.code());
            return;
        }
        ReadLimit limit = limit(body, request.apiVersion());
        if (asked.timestamp() >= 0 || asked.timestamp() == ListOffsetsRequest.MAX_TIMESTAMP) {
            searches.add(new Search(partition, asked, limit, answer));
        } else {
            fromSnapshot(partition, asked, limit, request.apiVersion(), answer);
        }
    }

    private static ReadLimit limit(ListOffsetsRequestData body, short version) {
        if (body.replicaId() != CONSUMER) {
            return ReadLimit.LOG_END;
        }
        boolean committed = version >= 2 && body.isolationLevel() == IsolationLevel.READ_COMMITTED.id();
        return committed ? ReadLimit.LAST_STABLE_OFFSET : ReadLimit.HIGH_WATERMARK;
    }

    private Errors check(
            @Nullable Partition partition, String topic, ListOffsetsPartition asked, short version, int replicaId) {
        if (partition == null) {
            var known = broker.cluster().image().topic(topic);
            boolean elsewhere =
                    known != null && asked.partitionIndex() >= 0 && asked.partitionIndex() < known.partitionCount();
            return elsewhere ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (asked.timestamp() < 0 && version < firstVersionOf(asked.timestamp())) {
            return Errors.UNSUPPORTED_VERSION;
        }
        // The debugging tools read any replica.
        Errors error = replicaId == ListOffsetsRequest.DEBUGGING_REPLICA_ID && partition.isOpen()
                ? Errors.NONE
                : partition.leaderError();
        return error == Errors.NONE ? partition.role().checkEpoch(asked.currentLeaderEpoch()) : error;
    }

    private static int firstVersionOf(long special) {
        if (special == ListOffsetsRequest.LATEST_TIMESTAMP || special == ListOffsetsRequest.EARLIEST_TIMESTAMP) {
            return 1;
        }
        if (special == ListOffsetsRequest.MAX_TIMESTAMP) {
            return 7;
        }
        if (special == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return 8;
        }
        if (special == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
            return 9;
        }
        return special == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP ? 11 : Integer.MAX_VALUE;
    }

    private static void fromSnapshot(
            Partition partition,
            ListOffsetsPartition asked,
            ReadLimit limit,
            short version,
            ListOffsetsPartitionResponse answer) {
        LogSnapshot log = partition.snapshot();
        if (asked.timestamp() == ListOffsetsRequest.LATEST_TIMESTAMP) {
            if (limit != ReadLimit.LOG_END && partition.highWatermarkLags()) {
                answer.setErrorCode(notYetAvailable(version).code());
            } else {
                set(answer, -1, limit.of(log), partition.role().leaderEpoch(), version);
            }
        } else if (asked.timestamp() == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || asked.timestamp() == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            long start = log.logStartOffset();
            set(answer, -1, start, partition.log().epochOf(start), version);
        }
        // Nothing is in tiered storage, and nothing waits to go there: the answer keeps its -1.
    }

    private void search(Request request, ListOffsetsResponseData response, List<Search> searches) {
        if (searches.isEmpty()) {
            request.reply(response);
            return;
        }
        AtomicInteger missing = new AtomicInteger(searches.size());
        for (Search search : searches) {
            broker.workers().submit(() -> find(search), request.loop(), (found, failure) -> {
                if (failure != null) {
                    search.response().setErrorCode(Errors.forException(failure).code());
                } else {
                    found(search, found, request.apiVersion());
                }
                if (missing.decrementAndGet() == 0) {
                    request.reply(response);
                }
            });
        }
    }

    private static @Nullable TimestampOffset find(Search search) {
        PartitionLog log = search.partition().log();
        return search.asked().timestamp() == ListOffsetsRequest.MAX_TIMESTAMP
                ? log.offsetOfMaxTimestamp()
                : log.offsetForTimestamp(search.asked().timestamp());
    }

    private static void found(Search search, @Nullable TimestampOffset found, short version) {
        long end = search.limit().of(search.partition().snapshot());
        if (found != null && found.offset() < end) {
            set(search.response(), found.timestampMs(), found.offset(), found.leaderEpoch(), version);
        } else if (search.limit() != ReadLimit.LOG_END && search.partition().highWatermarkLags()) {
            search.response().setErrorCode(notYetAvailable(version).code());
        }
    }

    private static Errors notYetAvailable(short version) {
        return version >= 5 ? Errors.OFFSET_NOT_AVAILABLE : Errors.LEADER_NOT_AVAILABLE;
    }

    private static void set(
            ListOffsetsPartitionResponse answer, long timestampMs, long offset, int leaderEpoch, short version) {
        answer.setTimestamp(timestampMs).setOffset(offset);
        if (version >= 4) {
            answer.setLeaderEpoch(leaderEpoch);
        }
    }
}
