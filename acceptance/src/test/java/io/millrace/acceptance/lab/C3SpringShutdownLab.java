package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import io.millrace.acceptance.client.SampleConsumer;
import io.millrace.acceptance.process.ExternalProcess;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** C3 in the Spring sample, in both protocols: one member per unit of concurrency, and a stop that leaves nothing uncommitted. */
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
        try (ExternalProcess classic = start(GroupProtocol.CLASSIC);
                ExternalProcess consumer = start(GroupProtocol.CONSUMER)) {
            Map<GroupProtocol, ExternalProcess> processes =
                    Map.of(GroupProtocol.CLASSIC, classic, GroupProtocol.CONSUMER, consumer);
            processes.keySet().forEach(this::awaitThreeMembers);
            for (int partition = 0; partition < 3; partition++) {
                broker.clients().produce(topic, partition, numbers());
            }
            processes.forEach(this::readsEverythingAndStops);
        }
    }

    /** Both at once: most of the time they take is the start of their processes. */
    private ExternalProcess start(GroupProtocol protocol) {
        return SampleConsumer.start(
                broker.bootstrap(),
                topic,
                group(protocol),
                "sample.concurrency=3",
                "sample.protocol=" + protocol.name().toLowerCase(Locale.ROOT));
    }

    private void awaitThreeMembers(GroupProtocol protocol) {
        Awaitility.await()
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(describe(protocol).members())
                        .hasSize(3)
                        .allSatisfy(member -> assertThat(member.assignment().topicPartitions())
                                .hasSize(1)));
    }

    private void readsEverythingAndStops(GroupProtocol protocol, ExternalProcess spring) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(spring.linesMatching("received " + topic)).hasSize(60));

        spring.terminate();

        assertThat(spring.awaitExit(Duration.ofSeconds(30))).isIn(0, 143);
        // the members left by themselves: nobody waits for their sessions to expire
        assertThat(describe(protocol).members()).isEmpty();
        assertThat(KafkaClients.get(
                        broker.admin().listConsumerGroupOffsets(group(protocol)).partitionsToOffsetAndMetadata()))
                .allSatisfy((partition, offset) -> assertThat(offset.offset()).isEqualTo(20))
                .containsKeys(new TopicPartition(topic, 0), new TopicPartition(topic, 1), new TopicPartition(topic, 2));
    }

    private String group(GroupProtocol protocol) {
        return group + "-" + protocol;
    }

    private ConsumerGroupDescription describe(GroupProtocol protocol) {
        String id = group(protocol);
        return KafkaClients.get(
                        broker.admin().describeConsumerGroups(List.of(id)).all())
                .get(id);
    }

    private static List<String> numbers() {
        return IntStream.range(0, 20).mapToObj(Integer::toString).toList();
    }
}
