package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KnownDifference;
import io.millrace.acceptance.broker.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A broker that cannot start says why and ends with an exit code that is not 0; what is on disk stays as it was. */
@Lab
final class StartFailuresIT {
    @Test
    void aPortInUse(Brokers brokers) {
        BrokerUnderTest running = brokers.start(Map.of());
        BrokerUnderTest late = brokers.prepare(Map.of(
                "listeners", "PLAINTEXT://127.0.0.1:" + running.port() + ",CONTROLLER://127.0.0.1:{controllerPort}"));
        assertRefused(late, Integer.toString(running.port()));
        assertServes(running);
    }

    @Test
    void aSecondProcessOnTheSameDirectory(Brokers brokers) {
        BrokerUnderTest running = brokers.start(Map.of());
        BrokerUnderTest second =
                brokers.prepare(Map.of("log.dirs", running.dataDirectory().toString()));
        assertRefused(second, running.dataDirectory().toString());
        assertServes(running);
        running.restart();
        assertServes(running);
    }

    @Test
    void aWrongValue(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of());
        broker.configure(Map.of("log.retention.ms", "soon"));
        assertRefused(broker, "log.retention.ms");
    }

    @Test
    void anUnknownValueOfAChoice(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of());
        broker.configure(Map.of("log.cleanup.policy", "forget"));
        assertRefused(broker, "log.cleanup.policy");
    }

    @Test
    void aListenerWithoutAPort(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of());
        broker.configure(Map.of("listeners", "PLAINTEXT://127.0.0.1"));
        assertRefused(broker, "listeners");
    }

    @Test
    void anUnformattedDirectory(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of());
        String directory =
                broker.dataDirectory().resolveSibling("never-formatted").toString();
        broker.configure(Map.of("log.dirs", directory));
        assertRefused(broker, "meta\\.properties");
    }

    @Test
    void aDamagedMetaProperties(Brokers brokers) throws IOException {
        BrokerUnderTest broker = brokers.start(Map.of());
        assertServes(broker);
        broker.stop();
        Path meta = broker.dataDirectory().resolve("meta.properties");
        byte[] right = Files.readAllBytes(meta);
        byte[] garbage = "\u0000\u0001 not properties".getBytes(StandardCharsets.UTF_8);
        Files.write(meta, garbage);
        assertRefused(broker, "meta\\.properties");
        assertThat(meta).hasBinaryContent(garbage);
        Files.write(meta, right);
        broker.start();
        assertServes(broker);
    }

    @Test
    void aDirectoryOfAnotherNode(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of());
        broker.stop();
        broker.configure(Map.of("node.id", "77", "controller.quorum.voters", "77@127.0.0.1:{controllerPort}"));
        assertRefused(broker, "77");
    }

    @Test
    void aMisspeltKeyIsNamedBesideWhatIsRefused(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of());
        broker.configure(Map.of("log.retention.ms", "soon", "log.segment.bytez", "1048576"));
        assertRefused(broker, "log.retention.ms");
        if (KnownDifference.UNKNOWN_KEYS_ARE_WARNED_ABOUT.appliesHere()) {
            assertThat(broker.process().linesMatching("log\\.segment\\.bytez"))
                    .anyMatch(line -> line.contains("log.segment.bytes"));
        }
    }

    @Test
    void anUnknownKeyIsOnlyWarnedAbout(Brokers brokers) {
        BrokerUnderTest broker = brokers.prepare(Map.of("log.retention.hourz", "3"));
        broker.start();
        if (KnownDifference.UNKNOWN_KEYS_ARE_WARNED_ABOUT.appliesHere()) {
            assertThat(broker.process().linesMatching("log\\.retention\\.hourz"))
                    .anyMatch(line -> line.contains("log.retention.hours"));
        }
        assertServes(broker);
    }

    /** Ends soon with an exit code that is not 0; Millrace says why in one line, without a stack trace. */
    private static void assertRefused(BrokerUnderTest broker, String reason) {
        int exitCode = broker.startExpectingToFail();
        List<String> lines = broker.process().lines();
        assertThat(exitCode).as(broker.process().describe()).isNotZero();
        assertThat(String.join("\n", lines)).containsPattern(reason);
        if (KnownDifference.ONE_LINE_WHEN_IT_CANNOT_START.appliesHere()) {
            assertThat(lines).noneMatch(line -> line.startsWith("\tat "));
        }
    }

    private static void assertServes(BrokerUnderTest broker) {
        String topic = broker.newTopic("served", 1);
        broker.clients().produce(topic, 0, List.of("served"));
        assertThat(broker.clients().readAll(topic, 0)).hasSize(1);
    }
}
