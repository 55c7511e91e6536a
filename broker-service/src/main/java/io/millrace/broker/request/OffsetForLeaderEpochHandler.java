package io.millrace.broker.request;

import io.millrace.broker.log.PartitionLog.EpochEnd;
import io.millrace.broker.protocol.ClientContext;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** OffsetForLeaderEpoch, versions 2 to 4: where a leader epoch ends, so that a reader notices a log that was truncated (KIP-320). */
final class OffsetForLeaderEpochHandler {

    private final LedPartitions led;

    OffsetForLeaderEpochHandler(BrokerServices broker) {
        this.led = new LedPartitions(broker.cluster(), broker.partitions());
    }

    ApiMessage answer(ClientContext client, OffsetForLeaderEpochRequestData request) {
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        for (OffsetForLeaderTopic topic : request.topics()) {
            OffsetForLeaderTopicResult result = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                result.partitions().add(answer(topic.topic(), asked));
            }
            response.topics().add(result);
        }
        return response;
    }

    private EpochEndOffset answer(String topic, OffsetForLeaderPartition asked) {
        EpochEndOffset answer = new EpochEndOffset().setPartition(asked.partition());
        LedPartitions.Found found = led.find(topic, asked.partition());
        if (found.partition() == null) {
            return answer.setErrorCode(found.error().code());
        }
        Errors error = found.partition().role().checkEpoch(asked.currentLeaderEpoch());
        if (error != Errors.NONE) {
            return answer.setErrorCode(error.code());
        }
        EpochEnd end = found.partition().log().endOfEpoch(asked.leaderEpoch());
        return answer.setLeaderEpoch(end.leaderEpoch()).setEndOffset(end.endOffsetExclusive());
    }
}
