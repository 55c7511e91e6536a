package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** F1: Apache Kafka's keys from server.properties, and changes while the broker runs by kafka-configs. */
@Lab
final class F1ConfigurationLab {
    @Test
    void keysOfServerPropertiesApply(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of(
                "num.partitions",
                "4",
                "log.retention.hours",
                "2",
                "auto.create.topics.enable",
                "true",
                "message.max.bytes",
                "50000",
                "log.segment.bytes",
                "2000000"));

        Config config = brokerConfig(broker);
        assertThat(config.get("num.partitions").value()).isEqualTo("4");
        assertThat(config.get("num.partitions").source()).isEqualTo(ConfigEntry.ConfigSource.STATIC_BROKER_CONFIG);
        assertThat(config.get("log.cleaner.threads").source()).isEqualTo(ConfigEntry.ConfigSource.DEFAULT_CONFIG);

        String automatic = BrokerUnderTest.freshName("f1-auto");
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            KafkaClients.send(producer, new ProducerRecord<>(automatic, "creates its topic"));
            assertThat(producer.partitionsFor(automatic)).hasSize(4);
            assertThatThrownBy(() -> KafkaClients.send(producer, new ProducerRecord<>(automatic, "x".repeat(60_000))))
                    .isInstanceOf(RecordTooLargeException.class);
        }
        assertThat(topicConfig(broker, automatic).get("retention.ms").value()).isEqualTo("7200000");
        ConfigEntry segmentBytes = topicConfig(broker, automatic).get("segment.bytes");
        assertThat(segmentBytes.value()).isEqualTo("2000000");
        assertThat(segmentBytes.source()).isEqualTo(ConfigEntry.ConfigSource.STATIC_BROKER_CONFIG);
    }

    @Test
    void aTopicIsNotCreatedByUseWhenThatIsSwitchedOff(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of("auto.create.topics.enable", "false"));
        String missing = BrokerUnderTest.freshName("f1-missing");
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of("max.block.ms", "1000"))) {
            assertThatThrownBy(() -> KafkaClients.send(producer, new ProducerRecord<>(missing, "lost")))
                    .isInstanceOf(org.apache.kafka.common.errors.TimeoutException.class);
        }
        assertThat(KafkaClients.get(broker.admin().listTopics().names())).doesNotContain(missing);
    }

    @Test
    void aTopicsConfigurationChangesByKafkaConfigs(BrokerUnderTest broker) {
        String topic = broker.newTopic("f1", 1);
        broker.tool(
                        "kafka-configs",
                        "--alter",
                        "--add-config",
                        "retention.ms=86400000",
                        "--entity-type",
                        "topics",
                        "--entity-name",
                        topic)
                .succeeded();
        assertThat(broker.tool("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic)
                        .succeeded()
                        .output())
                .contains("retention.ms=86400000");

        broker.tool(
                        "kafka-configs",
                        "--alter",
                        "--delete-config",
                        "retention.ms",
                        "--entity-type",
                        "topics",
                        "--entity-name",
                        topic)
                .succeeded();
        assertThat(topicConfig(broker, topic).get("retention.ms").source())
                .isEqualTo(ConfigEntry.ConfigSource.DEFAULT_CONFIG);
    }

    @Test
    void aWrongTopicConfigurationIsRefused(BrokerUnderTest broker) {
        String topic = broker.newTopic("f1", 1);
        var refused = broker.tool(
                "kafka-configs",
                "--alter",
                "--add-config",
                "retention.ms=soon",
                "--entity-type",
                "topics",
                "--entity-name",
                topic);
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("InvalidConfigurationException").contains("retention.ms");
    }

    @Test
    void aBrokersConfigurationChangesWhileItRunsAndSurvivesARestart(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of());
        String topic = broker.newTopic("f1", 1);
        broker.tool(
                        "kafka-configs",
                        "--alter",
                        "--add-config",
                        "message.max.bytes=2000",
                        "--entity-type",
                        "brokers",
                        "--entity-default")
                .succeeded();
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(
                                    () -> KafkaClients.send(producer, new ProducerRecord<>(topic, "x".repeat(3000))))
                            .isInstanceOf(RecordTooLargeException.class));
        }
        assertThat(broker.tool("kafka-configs", "--describe", "--entity-type", "brokers", "--entity-name", "1", "--all")
                        .succeeded()
                        .output())
                .contains("message.max.bytes=2000")
                .contains("DYNAMIC_DEFAULT_BROKER_CONFIG");

        broker.restart();

        ConfigEntry entry = brokerConfig(broker).get("message.max.bytes");
        assertThat(entry.value()).isEqualTo("2000");
        assertThat(entry.source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
    }

    @Test
    void aReadOnlyBrokerKeyCannotBeChangedWhileItRuns(BrokerUnderTest broker) {
        var refused = broker.tool(
                "kafka-configs",
                "--alter",
                "--add-config",
                "node.id=7",
                "--entity-type",
                "brokers",
                "--entity-name",
                "1");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("node.id");
    }

    @Test
    void aTopicIsDescribedWithEveryKeyAndItsDocumentation(BrokerUnderTest broker) {
        Config config = topicConfig(broker, broker.newTopic("f1", 1, Map.of("cleanup.policy", "compact")));
        assertThat(config.get("cleanup.policy").value()).isEqualTo("compact");
        assertThat(config.get("cleanup.policy").source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(config.entries())
                .extracting(ConfigEntry::name)
                .contains("segment.bytes", "retention.bytes", "min.insync.replicas", "message.timestamp.type");
    }

    private static Config brokerConfig(BrokerUnderTest broker) {
        return describe(broker, new ConfigResource(ConfigResource.Type.BROKER, "1"));
    }

    private static Config topicConfig(BrokerUnderTest broker, String topic) {
        return describe(broker, new ConfigResource(ConfigResource.Type.TOPIC, topic));
    }

    private static Config describe(BrokerUnderTest broker, ConfigResource resource) {
        return KafkaClients.get(
                        broker.admin().describeConfigs(List.of(resource)).all())
                .get(resource);
    }
}
