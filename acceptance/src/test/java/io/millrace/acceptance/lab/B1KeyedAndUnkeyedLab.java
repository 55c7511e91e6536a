package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.ExternalClient;
import io.millrace.acceptance.process.CommandResult;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** B1: records without a key spread over the partitions, records with one key stay in one. */
@Lab
final class B1KeyedAndUnkeyedLab {
    private static final int PARTITIONS = 3;

    private final BrokerUnderTest broker;
    private final String topic;

    B1KeyedAndUnkeyedLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("b1", PARTITIONS);
    }

    @Test
    void recordsWithoutAKeySpreadWithKafkaPython() {
        Set<Integer> partitions = kafkaPythonSends(30, "-");
        assertThat(partitions).hasSizeGreaterThan(1);
        assertThat(recordsIn(partitions)).isEqualTo(30);
    }

    @Test
    void recordsWithOneKeyStayInOnePartitionWithKafkaPython() {
        for (String key : List.of("key1", "key2", "key3")) {
            Set<Integer> first = kafkaPythonSends(10, key);
            Set<Integer> again = kafkaPythonSends(10, key);
            assertThat(first).as(key).hasSize(1).isEqualTo(again);
        }
    }

    /** Sticky: whole batches go to one partition, the next batch to another. */
    @Test
    void recordsWithoutAKeySpreadBatchByBatchWithJava() {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of("batch.size", "64"))) {
            Set<Integer> partitions = IntStream.range(0, 60)
                    .mapToObj(number -> new ProducerRecord<String, String>(topic, null, "message " + number))
                    .map(record -> KafkaClients.send(producer, record).partition())
                    .collect(Collectors.toSet());
            assertThat(partitions).hasSizeGreaterThan(1);
            assertThat(recordsIn(partitions)).isEqualTo(60);
        }
    }

    @Test
    void everyClientSendsAKeyToTheSamePartition() {
        int byPython = kafkaPythonSends(1, "key1").iterator().next();
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            assertThat(KafkaClients.send(producer, new ProducerRecord<>(topic, "key1", "from Java"))
                            .partition())
                    .isEqualTo(byPython);
        }
        assertThat(broker.clients().readAll(topic, byPython))
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.key()).isEqualTo("key1"));
    }

    private int recordsIn(Set<Integer> partitions) {
        return partitions.stream()
                .mapToInt(
                        partition -> broker.clients().readAll(topic, partition).size())
                .sum();
    }

    /** Sends with the seed's kind of script; returns the partitions that the broker reported. */
    private Set<Integer> kafkaPythonSends(int count, String key) {
        ExternalClient.KAFKA_PYTHON.require();
        CommandResult result = CommandResult.run(
                        Map.of(),
                        "",
                        ExternalClient.KAFKA_PYTHON.script(
                                "python/producer.py", broker.bootstrap(), topic, Integer.toString(count), "0", key))
                .succeeded();
        List<String> sent = result.lines().stream()
                .filter(line -> line.startsWith("sent: "))
                .toList();
        assertThat(sent).hasSize(count);
        return sent.stream()
                .map(line -> Integer.valueOf(line.split(" ")[1]))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
