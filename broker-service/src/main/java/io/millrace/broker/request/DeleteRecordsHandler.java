package io.millrace.broker.request;

import io.millrace.broker.network.Request;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.Partition.DeletionListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** DeleteRecords, versions 0 to 2: moves the beginning of logs, each on its partition's loop, and waits until
 * all their replicas have followed. */
final class DeleteRecordsHandler implements ApiHandler {

    private static final long INVALID_LOW_WATERMARK = -1;

    private final LedPartitions led;

    DeleteRecordsHandler(BrokerServices broker) {
        this.led = new LedPartitions(broker.cluster(), broker.partitions());
    }

    private record Deletion(Partition partition, long offset, DeleteRecordsPartitionResult result) {}

    @Override
    public void handle(Request request) {
        DeleteRecordsRequestData body = (DeleteRecordsRequestData) request.body();
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        List<Deletion> deletions = new ArrayList<>();
        for (DeleteRecordsTopic topic : body.topics()) {
            DeleteRecordsTopicResult topicResult = new DeleteRecordsTopicResult().setName(topic.name());
            response.topics().add(topicResult);
            for (DeleteRecordsPartition asked : topic.partitions()) {
                DeleteRecordsPartitionResult result = new DeleteRecordsPartitionResult()
                        .setPartitionIndex(asked.partitionIndex())
                        .setLowWatermark(INVALID_LOW_WATERMARK);
                topicResult.partitions().add(result);
                LedPartitions.Found found = led.find(topic.name(), asked.partitionIndex());
                if (found.partition() == null) {
                    result.setErrorCode(found.error().code());
                } else if (!found.partition().log().config().delete()) {
                    result.setErrorCode(Errors.POLICY_VIOLATION.code());
                } else {
                    deletions.add(new Deletion(found.partition(), asked.offset(), result));
                }
            }
        }
        delete(request, response, deletions, body.timeoutMs());
    }

    private static void delete(
            Request request, DeleteRecordsResponseData response, List<Deletion> deletions, long timeoutMs) {
        if (deletions.isEmpty()) {
            request.reply(response);
            return;
        }
        AtomicInteger missing = new AtomicInteger(deletions.size());
        for (Deletion deletion : deletions) {
            DeletionListener done = (error, lowWatermark) -> {
                deletion.result().setErrorCode(error.code()).setLowWatermark(lowWatermark);
                if (missing.decrementAndGet() == 0) {
                    request.reply(response);
                }
            };
            deletion.partition().loop().run(() -> delete(deletion, timeoutMs, done));
        }
    }

    /** On the partition's loop. */
    private static void delete(Deletion deletion, long timeoutMs, DeletionListener done) {
        try {
            deletion.partition().deleteRecords(deletion.offset(), timeoutMs, done);
        } catch (ApiException e) {
            done.deleted(Errors.forException(e), INVALID_LOW_WATERMARK);
        }
    }
}
