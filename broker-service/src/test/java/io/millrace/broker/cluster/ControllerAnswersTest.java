package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Codes and messages as Apache Kafka 4.3.1 gave them to the same requests. */
class ControllerAnswersTest {

    @TempDir
    Path dir;

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.single(dir, Map.of());
        create(topic("a", 3, 1));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static CreatableTopic topic(String name, int partitions, int replicationFactor, String... configs) {
        CreatableTopic topic = new CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) replicationFactor);
        for (int i = 0; i < configs.length; i += 2) {
            topic.configs().add(new CreatableTopicConfig().setName(configs[i]).setValue(configs[i + 1]));
        }
        return topic;
    }

    private CreateTopicsResponseData create(CreatableTopic... topics) throws Exception {
        CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        for (CreatableTopic topic : topics) {
            request.topics().mustAdd(topic);
        }
        return node.forward(request, 7, CreateTopicsResponseData.class);
    }

    private void assertRefused(CreatableTopic topic, Errors error, String message) throws Exception {
        CreatableTopicResult result = create(topic).topics().iterator().next();
        assertThat(result.errorMessage()).isEqualTo(message);
        assertThat(Errors.forCode(result.errorCode())).isEqualTo(error);
    }

    @Test
    void topicsThatCannotBeCreated() throws Exception {
        assertRefused(topic("a", 1, 1), Errors.TOPIC_ALREADY_EXISTS, "Topic 'a' already exists.");
        assertRefused(
                topic("x", 1, 3),
                Errors.INVALID_REPLICATION_FACTOR,
                "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.");
        assertRefused(
                topic("x", 1, 1, "no.such.key", "1"), Errors.INVALID_CONFIG, "Unknown topic config name: no.such.key");
        assertRefused(
                topic("x", 1, 1, "retention.ms", "abc"),
                Errors.INVALID_CONFIG,
                "Invalid value abc for configuration retention.ms: Not a number of type LONG");
        assertRefused(
                topic("x", 1, 1, "remote.storage.enable", "true"),
                Errors.INVALID_CONFIG,
                "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.");
        assertRefused(
                topic("__cluster_metadata", 1, 1),
                Errors.INVALID_REQUEST,
                "Creation of internal topic __cluster_metadata is prohibited.");
    }

    @Test
    void aTopicNamedTwiceIsRefusedAndTheOthersAreCreated() throws Exception {
        CreateTopicsResponseData response = create(topic("x", 1, 1), topic("x", 1, 1), topic("y", 1, 1));
        assertThat(response.topics().find("y").errorCode()).isEqualTo(Errors.NONE.code());
        assertThat(response.topics().find("x").errorMessage()).isEqualTo("Duplicate topic name.");
        assertThat(response.topics()).hasSize(2);
    }

    @Test
    void defaultsOfTheBrokerAreTakenForMinusOne() throws Exception {
        CreatableTopicResult result =
                create(topic("d", -1, -1)).topics().iterator().next();
        assertThat(result.numPartitions()).isEqualTo(1);
        assertThat(result.replicationFactor()).isEqualTo((short) 1);
    }

    @Test
    void partitionsAreAddedAndNotRemoved() throws Exception {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData().setTimeoutMs(10_000);
        request.topics()
                .mustAdd(new CreatePartitionsTopic().setName("a").setCount(2).setAssignments(null));
        var result = node.forward(request, 3, CreatePartitionsResponseData.class)
                .results()
                .getFirst();
        assertThat(Errors.forCode(result.errorCode())).isEqualTo(Errors.INVALID_PARTITIONS);
        assertThat(result.errorMessage())
                .isEqualTo("The topic a currently has 3 partition(s); 2 would not be an increase.");
    }

    private AlterConfigsResourceResponse alter(ConfigResource.Type type, String name, String key, String value)
            throws Exception {
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType(type.id()).setResourceName(name);
        resource.configs()
                .mustAdd(new AlterableConfig()
                        .setName(key)
                        .setConfigOperation((byte) 0)
                        .setValue(value));
        request.resources().mustAdd(resource);
        return node.forward(request, 1, IncrementalAlterConfigsResponseData.class)
                .responses()
                .getFirst();
    }

    @Test
    void configsAreCheckedByKafkasOwnDefinitions() throws Exception {
        assertThat(alter(ConfigResource.Type.TOPIC, "a", "retention.ms", "5").errorCode())
                .isEqualTo(Errors.NONE.code());
        assertThat(alter(ConfigResource.Type.TOPIC, "a", "nokey", "5").errorMessage())
                .isEqualTo("Unknown topic config name: nokey");
        assertThat(alter(ConfigResource.Type.TOPIC, "nope", "retention.ms", "5").errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        AlterConfigsResourceResponse group = alter(ConfigResource.Type.GROUP, "g", "consumer.session.timeout.ms", "1");
        assertThat(group.errorCode()).isEqualTo(Errors.INVALID_CONFIG.code());
        assertThat(group.errorMessage())
                .isEqualTo(
                        "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms");
        AlterConfigsResourceResponse metrics = alter(ConfigResource.Type.CLIENT_METRICS, "m", "interval.ms", "5");
        assertThat(metrics.errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(metrics.errorMessage())
                .isEqualTo("Invalid value 5 for interval.ms, interval must be between 100 and 3600000 (1 hour)");
    }

    @Test
    void topicsThatCannotBeDeleted() throws Exception {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTimeoutMs(10_000);
        request.topics().add(new DeleteTopicState().setName("nope"));
        request.topics().add(new DeleteTopicState().setName(null).setTopicId(new Uuid(5, 5)));
        request.topics().add(new DeleteTopicState().setName(null));
        request.topics().add(new DeleteTopicState().setName("a"));
        request.topics().add(new DeleteTopicState().setName("a"));
        DeleteTopicsResponseData response = node.forward(request, 6, DeleteTopicsResponseData.class);
        assertThat(response.responses())
                .extracting(result -> Errors.forCode(result.errorCode()))
                .containsExactlyInAnyOrder(
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        Errors.UNKNOWN_TOPIC_ID,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST);
    }

    @Test
    void deletionMayBeDisabled(@TempDir Path other) throws Exception {
        try (TestNode keeping = TestNode.single(other, Map.of("delete.topic.enable", "false"))) {
            DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTimeoutMs(10_000);
            request.topics().add(new DeleteTopicState().setName("a"));
            DeleteTopicsResponseData response = keeping.forward(request, 6, DeleteTopicsResponseData.class);
            assertThat(response.responses().iterator().next().errorCode())
                    .isEqualTo(Errors.TOPIC_DELETION_DISABLED.code());
        }
    }

    @Test
    void aclsNeedAnAuthorizer() throws Exception {
        CreateAclsRequestData request = new CreateAclsRequestData()
                .setCreations(List.of(new CreateAclsRequestData.AclCreation()
                        .setResourceType((byte) 2)
                        .setResourceName("a")
                        .setResourcePatternType((byte) 3)
                        .setPrincipal("User:x")
                        .setHost("*")
                        .setOperation((byte) 3)
                        .setPermissionType((byte) 3)));
        CreateAclsResponseData response = node.forward(request, 3, CreateAclsResponseData.class);
        assertThat(response.results().getFirst().errorCode()).isEqualTo(Errors.SECURITY_DISABLED.code());
        assertThat(response.results().getFirst().errorMessage()).isEqualTo("No Authorizer is configured.");
    }

    @Test
    void controllersAreDescribedOnTheirListener() throws Exception {
        TestNode.await(
                "the controller's registration", () -> !controllers().brokers().isEmpty());
        assertThat(controllers().controllerId()).isEqualTo(1);
        assertThat(controllers().brokers().find(1).port())
                .isEqualTo(node.ports().get("CONTROLLER"));
    }

    private DescribeClusterResponseData controllers() {
        var client = new ClientContext(
                "test",
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                new ListenerName("CONTROLLER"),
                (short) 2,
                1);
        return (DescribeClusterResponseData) node.node()
                .serveController(client, "c", new DescribeClusterRequestData().setEndpointType((byte) 2))
                .join();
    }
}
