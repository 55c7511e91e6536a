package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

/** Our keys against those that a running Apache Kafka 4.3.1 broker described. */
class ConfigKeysTest {

    /** Described by that broker because it was configured with them: an authorizer's, and one listener's. */
    private static boolean onlyThatBrokers(String key) {
        return key.startsWith("listener.name.")
                || key.equals("super.users")
                || key.equals("allow.everyone.if.no.acl.found");
    }

    @Test
    void knowsExactlyTheKeysOfAKafkaBroker() {
        TreeSet<String> described = new TreeSet<>(describedByKafka().keySet());
        described.removeIf(ConfigKeysTest::onlyThatBrokers);
        TreeSet<String> ours = new TreeSet<>();
        ConfigKeys.NODE.configKeys().forEach((name, key) -> {
            if (!key.internalConfig && !name.startsWith(ConfigKeys.OWN_PREFIX)) {
                ours.add(name);
            }
        });
        assertThat(ours).isEqualTo(described);
    }

    @Test
    void givesEveryKeyKafkasType() {
        describedByKafka().forEach((name, fields) -> {
            if (!onlyThatBrokers(name)) {
                assertThat(definition(name).type).as(name).hasToString(fields[2]);
            }
        });
    }

    @Test
    void aBrokersSessionIsShorterThanKafkasAndOutlastsTwoLostHeartbeats() {
        int sessionMs = (int) definition("broker.session.timeout.ms").defaultValue;
        int heartbeatMs = (int) definition("broker.heartbeat.interval.ms").defaultValue;
        assertThat(sessionMs).isLessThan(9_000).isGreaterThanOrEqualTo(3 * heartbeatMs);
    }

    @Test
    void theSystemSizesTheSocketsOfFollowers() {
        assertThat(definition("replica.socket.receive.buffer.bytes").defaultValue)
                .isEqualTo(-1);
    }

    private static ConfigDef.ConfigKey definition(String name) {
        return Objects.requireNonNull(ConfigKeys.NODE.configKeys().get(name), name);
    }

    private static Map<String, String[]> describedByKafka() {
        Map<String, String[]> keys = new TreeMap<>();
        try (var in = Objects.requireNonNull(ConfigKeysTest.class.getResourceAsStream("kafka-4.3.1-broker-keys.tsv"));
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            reader.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] fields = line.split("\t", -1);
                keys.put(fields[0], fields);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return keys;
    }
}
