package io.millrace.broker.request;

import io.millrace.broker.protocol.ClientContext;
import java.util.List;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiMessage;

/** DescribeProducers, version 0: idempotent and transactional producers with state in a partition that this broker leads. */
final class DescribeProducersHandler {

    private final LedPartitions led;

    DescribeProducersHandler(BrokerServices broker) {
        this.led = new LedPartitions(broker.cluster(), broker.partitions());
    }

    ApiMessage answer(ClientContext client, DescribeProducersRequestData request) {
        DescribeProducersResponseData response = new DescribeProducersResponseData();
        for (TopicRequest topic : request.topics()) {
            TopicResponse answer = new TopicResponse().setName(topic.name());
            for (int number : topic.partitionIndexes()) {
                LedPartitions.Found found = led.find(topic.name(), number);
                PartitionResponse partition = new PartitionResponse().setPartitionIndex(number);
                answer.partitions()
                        .add(
                                found.partition() == null
                                        ? partition
                                                .setErrorCode(found.error().code())
                                                .setErrorMessage(found.error().message())
                                        : partition.setActiveProducers(List.copyOf(
                                                found.partition().log().producers())));
            }
            response.topics().add(answer);
        }
        return response;
    }
}
