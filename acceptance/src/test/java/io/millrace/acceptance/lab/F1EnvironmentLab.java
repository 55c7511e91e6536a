package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.KnownDifference;
import io.millrace.acceptance.broker.Lab;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** F1: the same keys as {@code KAFKA_…} variables, as the Confluent and Apache images read them. */
@Lab
final class F1EnvironmentLab {
    @BeforeEach
    void millraceOnly() {
        KnownDifference.CONFIGURATION_FROM_THE_ENVIRONMENT.millraceOnly();
    }

    @Test
    void variablesWinOverTheFile(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of("num.partitions", "2"));
        broker.setEnvironment(Map.of(
                "KAFKA_NUM_PARTITIONS", "5",
                "KAFKA_LOG_RETENTION_HOURS", "1",
                "KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false"));
        broker.start();

        Config config = KafkaClients.get(broker.admin()
                        .describeConfigs(List.of(new ConfigResource(ConfigResource.Type.BROKER, "1")))
                        .all())
                .get(new ConfigResource(ConfigResource.Type.BROKER, "1"));
        assertThat(config.get("num.partitions").value()).isEqualTo("5");
        assertThat(config.get("log.retention.hours").value()).isEqualTo("1");
        assertThat(config.get("auto.create.topics.enable").value()).isEqualTo("false");
    }

    @Test
    void variablesOfTheJvmAreNotKeys(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of());
        broker.setEnvironment(Map.of("KAFKA_HEAP_OPTS", "-Xmx300m", "KAFKA_LOG4J_OPTS", ""));
        broker.start();
        assertThat(broker.process().lines()).noneMatch(line -> line.contains("heap.opts"));
    }
}
