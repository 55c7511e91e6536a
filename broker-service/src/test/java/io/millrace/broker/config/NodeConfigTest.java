package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeConfigTest {

    private static Settings settings(String... keysAndValues) {
        List<Setting> settings = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.add(new Setting(keysAndValues[i], keysAndValues[i + 1], "test.properties"));
        }
        return Settings.none().and(settings);
    }

    @Test
    void withoutAnySettingIsAClusterOfItsOwnOnLoopback() {
        NodeConfig config = NodeConfig.of(Settings.none());

        assertThat(config.nodeId()).isEqualTo(1);
        assertThat(config.roles()).containsExactlyInAnyOrder(ProcessRole.BROKER, ProcessRole.CONTROLLER);
        assertThat(config.listeners().advertised()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.listener()).isEqualTo("PLAINTEXT");
            assertThat(endpoint.host()).isEqualTo("localhost");
            assertThat(endpoint.port()).isEqualTo(9092);
        });
        assertThat(config.listeners().bound())
                .allMatch(e -> e.host().equals("localhost") || e.host().equals("127.0.0.1"));
        assertThat(config.integer("offsets.topic.replication.factor")).isEqualTo(1);
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void aSingleNodesControllerUsesAnotherPortThanItsListeners() {
        NodeConfig config = NodeConfig.of(settings(
                "listeners", "INTERNAL://127.0.0.1:9092,EXTERNAL://127.0.0.1:9093",
                "listener.security.protocol.map", "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT",
                "inter.broker.listener.name", "INTERNAL"));

        assertThat(config.listeners().bound())
                .extracting(e -> e.port())
                .doesNotHaveDuplicates()
                .hasSize(3);
        assertThat(config.listeners().advertised())
                .extracting(e -> e.listener())
                .containsExactly("INTERNAL", "EXTERNAL");
    }

    @Test
    void withRolesKafkasDefaultsCount() {
        NodeConfig config = NodeConfig.of(settings(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.listener.names", "CONTROLLER",
                "controller.quorum.voters", "1@localhost:9093",
                "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"));

        assertThat(config.integer("offsets.topic.replication.factor")).isEqualTo(3);
        assertThat(config.longInteger("log.retention.check.interval.ms")).isEqualTo(300_000);
    }

    @Test
    void namesTheNearestKeyForAnUnknownOne() {
        NodeConfig config = NodeConfig.of(settings("log.retention.hour", "1", "something.else.entirely", "x"));

        assertThat(config.warnings())
                .containsExactly(
                        "test.properties: log.retention.hour is not a known key and is ignored; did you mean"
                                + " log.retention.hours?",
                        "test.properties: something.else.entirely is not a known key and is ignored");
    }

    @Test
    void reportsEveryWrongValueWithWhatIsAllowed() {
        assertThatThrownBy(() -> NodeConfig.of(settings("num.partitions", "none", "log.segment.bytes", "12")))
                .isInstanceOfSatisfying(InvalidConfiguration.class, e -> {
                    assertThat(e.problems()).hasSize(2);
                    assertThat(e.problems().getFirst())
                            .isEqualTo("test.properties: num.partitions=none is not allowed; it must be: int [1,...]");
                    assertThat(e.problems().getLast())
                            .startsWith("test.properties: log.segment.bytes=12 is not allowed");
                });
    }

    @Test
    void namesUnknownKeysBesideWhatIsRefused() {
        assertThatThrownBy(() -> NodeConfig.of(settings("log.segment.bytes", "12", "log.segment.bytez", "1048576")))
                .isInstanceOfSatisfying(
                        InvalidConfiguration.class,
                        e -> assertThat(e.problems())
                                .hasSize(2)
                                .last()
                                .asString()
                                .endsWith("did you mean log.segment.bytes?"));
    }

    @Test
    void refusesKeysWhoseAbsenceWouldBeUnsafeAndWarnsAboutOthers() {
        assertThatThrownBy(() -> NodeConfig.of(settings("authorizer.class.name", "x.Y")))
                .hasMessageContaining("authorizer.class.name cannot be set");

        assertThat(NodeConfig.of(settings("num.io.threads", "3", "ssl.keystore.location", "/k"))
                        .warnings())
                .hasSize(2)
                .allMatch(warning -> warning.contains("has no effect"));
        assertThat(NodeConfig.of(settings("num.io.threads", "8")).warnings()).isEmpty();
    }

    @Test
    void neverShowsAPassword() {
        assertThatThrownBy(() -> NodeConfig.of(settings("num.partitions", "0", "ssl.keystore.password", "hunter2")))
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void brokerIdIsAnotherNameForNodeId() {
        assertThat(NodeConfig.of(settings("broker.id", "7")).nodeId()).isEqualTo(7);
        assertThatThrownBy(() -> NodeConfig.of(settings("broker.id", "7", "node.id", "8")))
                .hasMessageContaining("node.id=8 and broker.id=7 differ");
    }

    @Test
    void topicDefaultsTakeTheMostPreciseUnitThatIsSet() {
        assertThat(NodeConfig.of(Settings.none()).topicDefaults())
                .containsEntry("retention.ms", 604_800_000L)
                .containsEntry("segment.bytes", 1_073_741_824)
                .containsEntry("cleanup.policy", List.of("delete"));
        assertThat(NodeConfig.of(settings("log.retention.hours", "2")).topicDefaults())
                .containsEntry("retention.ms", 7_200_000L);
        assertThat(NodeConfig.of(settings("log.retention.hours", "2", "log.retention.minutes", "3"))
                        .topicDefaults())
                .containsEntry("retention.ms", 180_000L);
        assertThat(NodeConfig.of(settings("log.retention.hours", "-1")).topicDefaults())
                .containsEntry("retention.ms", -1L);
    }

    @Test
    void laterOriginsOverrideEarlierOnes(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("server.properties");
        Files.writeString(file, "num.partitions=2\nlog.dirs=/kafka/로그\n");
        Settings settings = Settings.ofFile(file)
                .and(EnvironmentVariables.settings(Map.of("KAFKA_NUM_PARTITIONS", "3", "KAFKA_HEAP_OPTS", "-Xmx1g")));

        NodeConfig config = NodeConfig.of(settings);

        assertThat(config.integer("num.partitions")).isEqualTo(3);
        assertThat(config.logDirs()).containsExactly(Path.of("/kafka/로그"));
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void readsVariablesAsTheContainerImagesDo() {
        assertThat(EnvironmentVariables.settings(Map.of(
                        "KAFKA_ADVERTISED_LISTENERS", "A://b:1",
                        "KAFKA_WITH__UNDERSCORE", "u",
                        "KAFKA_WITH___DASH", "d",
                        "OTHER", "o")))
                .extracting(Setting::key)
                .containsExactlyInAnyOrder("advertised.listeners", "with-dash", "with_underscore");
    }

    @Test
    void aNodeMustFitItsQuorum() {
        assertThatThrownBy(() -> NodeConfig.of(settings(
                        "process.roles", "broker,controller",
                        "node.id", "4",
                        "controller.listener.names", "CONTROLLER",
                        "controller.quorum.voters", "1@localhost:9093,2@localhost:9094",
                        "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093")))
                .hasMessageContaining("the node id 4 must be included in the set of voters");
    }

    @Test
    void onlyAControllerCanJoinItsQuorum() {
        assertThatThrownBy(() -> NodeConfig.of(settings(
                        "process.roles", "broker",
                        "node.id", "4",
                        "controller.listener.names", "CONTROLLER",
                        "controller.quorum.bootstrap.servers", "localhost:9093",
                        "controller.quorum.auto.join.enable", "true",
                        "listeners", "PLAINTEXT://:9092")))
                .hasMessageContaining("only supported when process.roles contains the 'controller' role");
    }
}
