package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** C4: groups read independently of each other; consumers beyond the number of partitions idle. */
@Lab
@ParameterizedClass
@EnumSource
final class C4SeveralGroupsLab {
    private final GroupProtocol protocol;
    private final BrokerUnderTest broker;
    private final String topic;

    C4SeveralGroupsLab(GroupProtocol protocol, BrokerUnderTest broker) {
        this.protocol = protocol;
        this.broker = broker;
        this.topic = broker.newTopic("c4", 2);
    }

    @Test
    void everyGroupReadsEverything() {
        broker.clients().produce(topic, 0, numbers());
        for (int number = 0; number < 3; number++) {
            try (KafkaConsumer<String, String> consumer = member(BrokerUnderTest.freshName("c4-group"))) {
                assertThat(KafkaClients.poll(consumer, 10))
                        .extracting(ConsumerRecord::value)
                        .containsExactlyElementsOf(numbers());
            }
        }
    }

    @Test
    void theSurplusConsumerIdlesAndStepsInWhenAnotherLeaves() {
        String group = BrokerUnderTest.freshName("c4-group");
        List<KafkaConsumer<String, String>> members = new ArrayList<>();
        try {
            IntStream.range(0, 3).forEach(number -> members.add(member(group)));
            awaitShares(members, List.of(0, 1, 1));

            members.remove(busyMember(members)).close();

            awaitShares(members, List.of(1, 1));
        } finally {
            members.forEach(KafkaConsumer::close);
        }
    }

    private static int busyMember(List<KafkaConsumer<String, String>> members) {
        return IntStream.range(0, members.size())
                .filter(number -> !members.get(number).assignment().isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private void awaitShares(List<KafkaConsumer<String, String>> members, List<Integer> shares) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .untilAsserted(() -> {
                    members.forEach(member -> member.poll(Duration.ofMillis(20)));
                    assertThat(members.stream()
                                    .map(member -> member.assignment().size())
                                    .sorted())
                            .containsExactlyElementsOf(shares);
                    assertThat(members.stream().flatMap(member -> member.assignment().stream()))
                            .containsExactlyInAnyOrder(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
                });
    }

    private KafkaConsumer<String, String> member(String group) {
        KafkaConsumer<String, String> consumer = broker.clients().consumer(group, protocol.with(Map.of()));
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    private static List<String> numbers() {
        return IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    }
}
