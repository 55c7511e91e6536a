package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.cluster.ClusterConfig.Role;
import io.millrace.broker.cluster.StorageFormatter.FormatRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Several nodes in this process, each with its own sockets. Sessions are so long that nothing here can be owed to their end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuorumTest {

    private static final Map<String, String> LONG_SESSIONS = Map.of(
            "broker.session.timeout.ms", "120000",
            "controller.quorum.election.timeout.ms", "300",
            "controller.quorum.fetch.timeout.ms", "600",
            "controller.quorum.election.backoff.max.ms", "100");

    private static final ConfigResource ALL_BROKERS = new ConfigResource(ConfigResource.Type.BROKER, "");

    @TempDir
    static Path directories;

    private Path dir;
    private final List<TestNode> nodes = new ArrayList<>();
    private final List<Thread> closing = new ArrayList<>();

    @BeforeEach
    void directory(TestInfo test) {
        dir = directories.resolve(test.getTestMethod().orElseThrow().getName());
    }

    /** Meanwhile the next test runs: the last voter waits a second for one that would take its place. */
    @AfterEach
    void close() {
        for (TestNode node : nodes) {
            closing.add(Thread.ofPlatform().start(node::close));
        }
        nodes.clear();
    }

    @AfterAll
    void closed() throws InterruptedException {
        for (Thread one : closing) {
            one.join();
        }
    }

    private TestNode bind(int id, Role... roles) throws Exception {
        TestNode node = new TestNode(id, Set.of(roles), Map.of());
        nodes.add(node);
        return node;
    }

    private void join(TestNode node, List<TestNode> voters) throws Exception {
        node.join(dir.resolve("node-" + node.id), voters, LONG_SESSIONS);
    }

    private List<TestNode> threeCombined() throws Exception {
        List<TestNode> voters = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            voters.add(bind(id, Role.BROKER, Role.CONTROLLER));
        }
        for (TestNode voter : voters) {
            join(voter, voters);
        }
        for (TestNode voter : voters) {
            voter.unfenced();
        }
        return voters;
    }

    private static TestNode active(List<TestNode> nodes) {
        int id = nodes.getFirst().node().controllerId().orElseThrow();
        return nodes.stream().filter(node -> node.id == id).findFirst().orElseThrow();
    }

    private static boolean leads(TestNode seenBy, String topic, int dead) {
        ClusterImage.Topic found = seenBy.node().image().topic(topic);
        for (int p = 0; found != null && p < found.partitionCount(); p++) {
            ClusterImage.PartitionRegistration partition = found.partition(p);
            if (partition.leader() == dead || partition.leader() < 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aRequestToAnyNodeReachesTheActiveControllerWithItsClient() throws Exception {
        List<TestNode> voters = threeCombined();
        TestNode standby = voters.stream()
                .filter(node -> node != active(voters))
                .findFirst()
                .orElseThrow();

        CreateTopicsResponseData created =
                standby.forward(CombinedNodeTest.create("orders", 6, 3), 7, CreateTopicsResponseData.class);

        assertThat(created.topics().find("orders").errorCode()).isEqualTo(Errors.NONE.code());
        for (TestNode node : voters) {
            TestNode.await("topic at node " + node.id, () -> node.node().image().topic("orders") != null);
        }
        CreateTopicsResponseData again =
                standby.forward(CombinedNodeTest.create("orders", 6, 3), 7, CreateTopicsResponseData.class);
        assertThat(again.topics().find("orders").errorCode()).isEqualTo(Errors.TOPIC_ALREADY_EXISTS.code());
        DescribeQuorumResponseData quorum = standby.forward(
                DescribeQuorumRequest.singletonRequest(QuorumEngine.METADATA), 2, DescribeQuorumResponseData.class);
        assertThat(quorum.topics().getFirst().partitions().getFirst().currentVoters())
                .hasSize(3);
        assertThat(nodes).allSatisfy(node -> assertThat(node.faults).isEmpty());
    }

    @Test
    void whoChangesTopicsThroughABrokerFindsTheChangeThere() throws Exception {
        TestNode controller = bind(1, Role.CONTROLLER);
        TestNode broker = bind(2, Role.BROKER);
        join(controller, List.of(controller));
        join(broker, List.of(controller));
        broker.unfenced();

        for (int round = 0; round < 20; round++) {
            String topic = "orders-" + round;
            broker.forward(CombinedNodeTest.create(topic, 2), 4, CreateTopicsResponseData.class);
            assertThat(broker.node().image().topic(topic)).as(topic).isNotNull();

            CreatePartitionsRequestData grow = new CreatePartitionsRequestData().setTimeoutMs(10_000);
            grow.topics()
                    .add(new CreatePartitionsTopic().setName(topic).setCount(3).setAssignments(null));
            broker.forward(grow, 3, CreatePartitionsResponseData.class);
            assertThat(broker.node().image().topic(topic).partitionCount()).isEqualTo(3);

            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            broker.forward(setting(resource, "retention.ms", "86400000"), 1, IncrementalAlterConfigsResponseData.class);
            assertThat(broker.node().image().configOverrides(resource)).containsEntry("retention.ms", "86400000");

            DeleteTopicsRequestData delete = new DeleteTopicsRequestData().setTimeoutMs(10_000);
            delete.topics().add(new DeleteTopicState().setName(topic));
            broker.forward(delete, 6, DeleteTopicsResponseData.class);
            assertThat(broker.node().image().topic(topic)).isNull();
        }
    }

    @Test
    void aBrokerWhoseProcessDiesLosesItsPartitionsAtOnceAndComesBackAtOnce() throws Exception {
        List<TestNode> voters = threeCombined();
        TestNode controller = active(voters);
        TestNode victim =
                voters.stream().filter(node -> node != controller).findFirst().orElseThrow();
        controller.forward(CombinedNodeTest.create("orders", 12, 3), 7, CreateTopicsResponseData.class);
        TestNode.await("topic", () -> controller.node().image().topic("orders") != null);
        long epoch = victim.node().brokerEpoch();
        Map<String, Integer> ports = victim.ports();

        victim.close();
        nodes.remove(victim);

        long startNs = System.nanoTime();
        TestNode.await("leaders move", () -> !leads(controller, "orders", victim.id));
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs)).isLessThan(30);
        assertThat(controller.node().image().broker(victim.id).fenced()).isTrue();

        TestNode reborn = new TestNode(victim.id, Set.of(Role.BROKER, Role.CONTROLLER), ports);
        nodes.add(reborn);
        List<TestNode> all = new ArrayList<>(voters);
        all.set(voters.indexOf(victim), reborn);
        join(reborn, all);
        reborn.unfenced();
        assertThat(reborn.node().brokerEpoch()).isGreaterThan(epoch);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs)).isLessThan(60);
    }

    @Test
    void theNextControllerFencesTheBrokerThatDiedWithTheLast() throws Exception {
        List<TestNode> voters = threeCombined();
        TestNode controller = active(voters);
        List<TestNode> others =
                voters.stream().filter(node -> node != controller).toList();
        controller.forward(CombinedNodeTest.create("orders", 12, 3), 7, CreateTopicsResponseData.class);
        for (TestNode other : others) {
            TestNode.await("topic", () -> other.node().image().topic("orders") != null);
        }

        controller.close();
        nodes.remove(controller);

        TestNode.await("leaders move", () -> !leads(others.getFirst(), "orders", controller.id));
        CreateTopicsResponseData created =
                others.getLast().forward(CombinedNodeTest.create("more", 1, 2), 7, CreateTopicsResponseData.class);
        assertThat(created.topics().find("more").errorCode()).isEqualTo(Errors.NONE.code());
    }

    @Test
    void aBrokerThatGoesSilentLosesItsPartitionsWhenItsSessionEndsAndComesBack() throws Exception {
        Map<String, String> settings = new HashMap<>(LONG_SESSIONS);
        settings.put("broker.session.timeout.ms", "1000");
        settings.put("broker.heartbeat.interval.ms", "100");
        // The controller's own heartbeats take no network.
        TestNode controller = bind(1, Role.BROKER, Role.CONTROLLER);
        TestNode broker = bind(2, Role.BROKER);
        for (TestNode node : List.of(controller, broker)) {
            node.join(dir.resolve("node-" + node.id), List.of(controller), settings);
        }
        controller.unfenced();
        broker.unfenced();
        controller.forward(CombinedNodeTest.create("orders", 12, 2), 7, CreateTopicsResponseData.class);
        TestNode.await("leaders on the broker", () -> leads(controller, "orders", broker.id));
        long epoch = broker.node().brokerEpoch();

        long silentNs = System.nanoTime();
        controller.holdHeartbeats();

        TestNode.await("leaders move", () -> !leads(controller, "orders", broker.id));
        // Its last heartbeat may have come an interval before, its connection has not broken: only the session can have
        // ended.
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - silentNs)).isBetween(850L, 10_000L);
        assertThat(controller.node().image().broker(broker.id).fenced()).isTrue();
        for (int partition = 0; partition < 12; partition++) {
            assertThat(controller
                            .node()
                            .image()
                            .topic("orders")
                            .partition(partition)
                            .isr())
                    .containsExactly(controller.id);
        }

        controller.letHeartbeatsArrive();

        TestNode.await(
                "its return", () -> !controller.node().image().broker(broker.id).fenced());
        assertThat(controller.node().image().broker(broker.id).epoch()).isEqualTo(epoch);
        assertThat(broker.faults).isEmpty();
    }

    @Test
    void rolesMayBeSeparate() throws Exception {
        TestNode controller = bind(1, Role.CONTROLLER);
        TestNode broker = bind(2, Role.BROKER);
        join(controller, List.of(controller));
        join(broker, List.of(controller));
        controller.node().caughtUp().get(60, TimeUnit.SECONDS);
        broker.unfenced();

        CreateTopicsResponseData created =
                broker.forward(CombinedNodeTest.create("orders", 2), 7, CreateTopicsResponseData.class);
        assertThat(created.topics().find("orders").errorCode()).isEqualTo(Errors.NONE.code());
        TestNode.await("topic", () -> broker.node().image().topic("orders") != null);
        assertThat(broker.node().image().topic("orders").partition(1).leader()).isEqualTo(2);
        assertThat(broker.node().serveController(TestNode.client((short) 2), "c", new DescribeQuorumRequestData()))
                .isNull();
        broker.node().controlledShutdown(30_000).get(60, TimeUnit.SECONDS);
    }

    @Test
    void aStandaloneControllerStartsADynamicQuorum() throws Exception {
        TestNode node = bind(1, Role.BROKER, Role.CONTROLLER);
        Path data = dir.resolve("node-1");
        StorageFormatter.format(
                new FormatRequest(
                        1,
                        TestNode.CLUSTER_ID,
                        Set.of(data),
                        data,
                        "CONTROLLER",
                        null,
                        true,
                        node.controllerEndpoint(),
                        true,
                        null,
                        Map.of(),
                        List.of(),
                        false),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        StorageDirectories storage = StorageFormatter.load(Set.of(data), data, 1);
        node.join(
                data,
                List.of(),
                Map.of(
                        "controller.quorum.bootstrap.servers",
                        node.controllerEndpoint(),
                        "test.directory.id",
                        storage.directoryIds().get(data).toString()));
        node.unfenced();

        DescribeQuorumResponseData quorum = node.forward(
                DescribeQuorumRequest.singletonRequest(QuorumEngine.METADATA), 2, DescribeQuorumResponseData.class);
        assertThat(quorum.topics()
                        .getFirst()
                        .partitions()
                        .getFirst()
                        .currentVoters()
                        .getFirst()
                        .replicaDirectoryId())
                .isEqualTo(storage.directoryIds().get(data));
        assertThat(node.node().finalizedFeatures()).containsEntry("kraft.version", (short) 1);
    }

    @Test
    void aLivingBrokerThatIsUnregisteredRegistersAgain() throws Exception {
        List<TestNode> voters = threeCombined();
        TestNode other = voters.stream()
                .filter(node -> node != active(voters))
                .findFirst()
                .orElseThrow();
        long before = other.node().brokerEpoch();

        UnregisterBrokerResponseData gone = active(voters)
                .forward(
                        new UnregisterBrokerRequestData().setBrokerId(other.id), 0, UnregisterBrokerResponseData.class);

        assertThat(gone.errorCode()).isEqualTo(Errors.NONE.code());
        TestNode.await("the broker's return", () -> {
            ClusterImage.Broker broker = active(voters).node().image().broker(other.id);
            return broker != null && broker.epoch() > before && !broker.fenced();
        });
    }

    @Test
    void aLivingBrokerWhosePlaceAnotherProcessTookRegistersAgain() throws Exception {
        TestNode controller = bind(1, Role.CONTROLLER);
        TestNode broker = bind(2, Role.BROKER);
        join(controller, List.of(controller));
        join(broker, List.of(controller));
        broker.unfenced();

        BrokerRegistrationResponseData other = controller.forward(
                broker.registrationOfAnotherIncarnation(),
                ApiKeys.BROKER_REGISTRATION.latestVersion(),
                BrokerRegistrationResponseData.class);

        assertThat(other.errorCode()).isEqualTo(Errors.NONE.code());
        TestNode.await("the broker's return", () -> {
            ClusterImage.Broker seen = controller.node().image().broker(broker.id);
            return seen.epoch() > other.brokerEpoch()
                    && seen.epoch() == broker.node().brokerEpoch()
                    && !seen.fenced();
        });
        assertThat(broker.faults).isEmpty();
    }

    @Test
    void whoBeginsWhereTheLogBeginsNoMoreFetchesTheSnapshot() throws Exception {
        Map<String, String> snapshots = new HashMap<>(LONG_SESSIONS);
        snapshots.put("metadata.log.max.record.bytes.between.snapshots", "1");
        TestNode first = bind(1, Role.CONTROLLER);
        Path metadata = dir.resolve("node-1").resolve(QuorumEngine.METADATA.toString());
        first.join(dir.resolve("node-1"), List.of(first), snapshots);
        first.node().caughtUp().get(60, TimeUnit.SECONDS);
        IncrementalAlterConfigsRequestData change = setting(ALL_BROKERS, "log.retention.ms", "12345678");
        first.forward(change, 1, IncrementalAlterConfigsResponseData.class);
        TestNode.await(
                "the change",
                () -> !first.node().image().configOverrides(ALL_BROKERS).isEmpty());
        // A snapshot's file is named by the offset after the last that it holds.
        String changed = "%020d".formatted(first.node().image().offset() + 1);
        TestNode.await(
                "a snapshot with it",
                () -> files(metadata, ".checkpoint").stream()
                        .anyMatch(file -> file.getFileName().toString().compareTo(changed) > 0));
        Map<String, Integer> ports = first.ports();
        first.close();
        nodes.remove(first);
        for (Path segment : files(metadata, ".log", ".index", ".timeindex")) {
            Files.delete(segment); // As retention does in time, once a snapshot holds what they hold.
        }

        TestNode again = new TestNode(1, Set.of(Role.CONTROLLER), ports);
        nodes.add(again);
        again.join(dir.resolve("node-1"), List.of(again), snapshots);
        TestNode broker = bind(2, Role.BROKER);
        join(broker, List.of(again));
        broker.unfenced();

        assertThat(broker.node().image().configOverrides(ALL_BROKERS)).containsEntry("log.retention.ms", "12345678");
        assertThat(files(dir.resolve("node-2").resolve(QuorumEngine.METADATA.toString()), ".checkpoint"))
                .isNotEmpty();
    }

    private static IncrementalAlterConfigsRequestData setting(ConfigResource resource, String name, String value) {
        AlterConfigsResource altered =
                new AlterConfigsResource().setResourceType(resource.type().id()).setResourceName(resource.name());
        altered.configs().add(new AlterableConfig().setName(name).setValue(value));
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources().add(altered);
        return request;
    }

    private static List<Path> files(Path directory, String... suffixes) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Stream.of(suffixes).anyMatch(file.toString()::endsWith))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
