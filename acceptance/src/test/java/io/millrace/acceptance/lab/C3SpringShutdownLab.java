package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.SampleConsumer;
import io.millrace.acceptance.process.ExternalProcess;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** C3 in the Spring sample: one member per unit of concurrency, and a stop that leaves nothing uncommitted. */
@Lab
final class C3SpringShutdownLab {
    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("c3-spring");

    C3SpringShutdownLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("c3-spring", 3);
    }

    @Test
    void concurrencyMakesMembersAndAGracefulStopCommitsWhatWasProcessed() {
        try (ExternalProcess spring = SampleConsumer.start(broker.bootstrap(), topic, group, "sample.concurrency=3")) {
            Awaitility.await()
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(40))
                    .untilAsserted(() -> assertThat(describe().members())
                            .hasSize(3)
                            .allSatisfy(member -> assertThat(member.assignment().topicPartitions())
                                    .hasSize(1)));
            for (int partition = 0; partition < 3; partition++) {
                broker.clients().produce(topic, partition, numbers());
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(spring.linesMatching("received " + topic))
                            .hasSize(60));

            spring.terminate();

            assertThat(spring.awaitExit(Duration.ofSeconds(30))).isIn(0, 143);
            // the members left by themselves: nobody waits for their sessions to expire
            assertThat(describe().members()).isEmpty();
            assertThat(KafkaClients.get(
                            broker.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
                    .allSatisfy(
                            (partition, offset) -> assertThat(offset.offset()).isEqualTo(20))
                    .containsKeys(
                            new TopicPartition(topic, 0), new TopicPartition(topic, 1), new TopicPartition(topic, 2));
        }
    }

    private ConsumerGroupDescription describe() {
        return KafkaClients.get(
                        broker.admin().describeConsumerGroups(List.of(group)).all())
                .get(group);
    }

    private static List<String> numbers() {
        return IntStream.range(0, 20).mapToObj(Integer::toString).toList();
    }
}
