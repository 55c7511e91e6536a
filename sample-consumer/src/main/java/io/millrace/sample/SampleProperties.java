package io.millrace.sample;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.kafka.listener.ContainerProperties.AckMode;

/**
 * What the sample does; every key starts with {@code sample.}
 *
 * @param topic topic to consume, or to produce to
 * @param group consumer group
 * @param concurrency consumers in this process, each a member of the group
 * @param ackMode when offsets are committed, in Spring Kafka's terms
 * @param assignor the client's assignor; with the protocol {@code consumer} the broker assigns and this has no effect
 * @param protocol rebalance protocol: {@code classic}, or {@code consumer} (KIP-848)
 * @param instanceId {@code group.instance.id} for static membership (KIP-345); none makes a dynamic member
 * @param processingDelay time that the work on one record takes
 */
@ConfigurationProperties("sample")
record SampleProperties(
        @DefaultValue("edu-topic01") String topic,
        @DefaultValue("edu-group01") String group,
        @DefaultValue("1") int concurrency,
        @DefaultValue("BATCH") AckMode ackMode,
        @DefaultValue("range") Assignor assignor,
        @DefaultValue("classic") Protocol protocol,
        @Nullable String instanceId,
        @DefaultValue("0ms") Duration processingDelay,
        @DefaultValue Producer producer) {

    SampleProperties {
        if (topic.isBlank()) {
            throw new IllegalArgumentException("sample.topic is empty: name the topic to use");
        }
        if (concurrency < 1) {
            throw new IllegalArgumentException(
                    "sample.concurrency is " + concurrency + ": at least 1 consumer is needed");
        }
        if (processingDelay.isNegative()) {
            throw new IllegalArgumentException("sample.processing-delay is negative: " + processingDelay);
        }
    }

    /**
     * What the producer sends.
     *
     * @param interval time between two sends
     * @param recordsPerSend records that are sent at once
     * @param keys number of different keys, sent in turn; 0 sends records without a key
     * @param limit records after which the producer stops; 0 goes on
     */
    record Producer(
            @DefaultValue("1s") Duration interval,
            @DefaultValue("1") int recordsPerSend,
            @DefaultValue("0") int keys,
            @DefaultValue("0") long limit) {

        Producer {
            if (interval.isNegative() || interval.isZero()) {
                throw new IllegalArgumentException("sample.producer.interval must be positive, is " + interval);
            }
            if (recordsPerSend < 1 || keys < 0 || limit < 0) {
                throw new IllegalArgumentException(
                        "sample.producer: records-per-send must be at least 1, keys and limit at" + " least 0; are "
                                + recordsPerSend + ", " + keys + ", " + limit);
            }
        }
    }

    /** Client-side assignors, with the classes that Kafka's client ships. */
    enum Assignor {
        RANGE("org.apache.kafka.clients.consumer.RangeAssignor"),
        ROUNDROBIN("org.apache.kafka.clients.consumer.RoundRobinAssignor"),
        STICKY("org.apache.kafka.clients.consumer.StickyAssignor"),
        COOPERATIVE_STICKY("org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

        final String className;

        Assignor(String className) {
            this.className = className;
        }
    }

    /** Rebalance protocols. */
    enum Protocol {
        CLASSIC,
        CONSUMER
    }
}
