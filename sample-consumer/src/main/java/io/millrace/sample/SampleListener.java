package io.millrace.sample;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Profile;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.stereotype.Component;

/** Works on records: logs each, and takes as long as it was told to. */
@Component
@Profile("!producer")
class SampleListener {

    private static final Logger log = LoggerFactory.getLogger(SampleListener.class);

    /** True for the ack modes in which the listener, not its container, acknowledges. */
    private static final String ACKNOWLEDGES = "'${sample.ack-mode:batch}'.toLowerCase().startsWith('manual')";

    private final SampleProperties properties;
    private final Membership membership;

    SampleListener(SampleProperties properties, Membership membership) {
        this.properties = properties;
        this.membership = membership;
    }

    @KafkaListener(
            id = "sample",
            idIsGroup = false,
            topics = "${sample.topic:edu-topic01}",
            autoStartup = "#{!" + ACKNOWLEDGES + "}")
    void onRecord(ConsumerRecord<String, String> received) throws InterruptedException {
        workOn(received);
    }

    @KafkaListener(
            id = "sample-acknowledging",
            idIsGroup = false,
            topics = "${sample.topic:edu-topic01}",
            autoStartup = "#{" + ACKNOWLEDGES + "}")
    void onRecord(ConsumerRecord<String, String> received, Acknowledgment acknowledgment) throws InterruptedException {
        workOn(received);
        acknowledgment.acknowledge();
    }

    private void workOn(ConsumerRecord<String, String> received) throws InterruptedException {
        log.info(
                "received {}-{}@{} key={} value={}",
                received.topic(),
                received.partition(),
                received.offset(),
                received.key(),
                received.value());
        if (properties.processingDelay().isPositive()) {
            Thread.sleep(properties.processingDelay());
        }
        membership.received(new TopicPartition(received.topic(), received.partition()));
    }
}
