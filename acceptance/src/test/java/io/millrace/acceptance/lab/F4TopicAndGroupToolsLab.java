package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** F4: the tools of the seed for topics, records and groups, Apache Kafka's own, unmodified. */
@Lab
final class F4TopicAndGroupToolsLab {
    private final BrokerUnderTest broker;
    private final String topic = BrokerUnderTest.freshName("hello.kafka");
    private final String group = BrokerUnderTest.freshName("f4-group");

    F4TopicAndGroupToolsLab(BrokerUnderTest broker) {
        this.broker = broker;
    }

    @Test
    void topicsAreCreatedListedDescribedAlteredAndDeleted() {
        assertThat(topics(
                        "--create",
                        "--partitions",
                        "3",
                        "--replication-factor",
                        "1",
                        "--config",
                        "retention.ms=172800000",
                        "--topic",
                        topic))
                .contains("Created topic " + topic);
        assertThat(topics("--list").lines()).contains(topic);
        assertThat(topics("--list", "--exclude-internal").lines())
                .contains(topic)
                .doesNotContain("__consumer_offsets");
        assertThat(topics("--describe", "--topic", topic))
                .contains("PartitionCount: 3")
                .contains("ReplicationFactor: 1")
                .contains("retention.ms=172800000")
                .containsPattern("Partition: 2\\s+Leader: 1\\s+Replicas: 1\\s+Isr: 1");
        topics("--alter", "--topic", topic, "--partitions", "4");
        assertThat(topics("--describe", "--topic", topic)).contains("PartitionCount: 4");
        topics("--delete", "--topic", topic);
        assertThat(topics("--list").lines()).doesNotContain(topic);
    }

    @Test
    void creatingATopicTwiceIsRefused() {
        topics("--create", "--topic", topic);
        var refused = broker.tool("kafka-topics", "--create", "--topic", topic);
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("TopicExistsException").contains(topic);
        assertThat(broker.tool("kafka-topics", "--create", "--if-not-exists", "--topic", topic)
                        .exitCode())
                .isZero();
    }

    @Test
    void aTopicNameThatIsNotOneIsRefused() {
        assertThat(broker.tool("kafka-topics", "--create", "--topic", "not a topic")
                        .exitCode())
                .isNotZero();
    }

    @Test
    void consoleProducerAndConsumerCarryKeysAndValues() {
        topics("--create", "--topic", topic);
        broker.toolWithInput("kafka-console-producer", "hello\nworld\n[1,2,3]\n", "--topic", topic)
                .succeeded();
        broker.toolWithInput(
                        "kafka-console-producer",
                        "my_key:my_value\n",
                        "--topic",
                        topic,
                        "--property",
                        "parse.key=true",
                        "--property",
                        "key.separator=:")
                .succeeded();

        assertThat(consoleConsumer("4", "--from-beginning")).contains("hello", "world", "[1,2,3]", "my_value");
        assertThat(consoleConsumer(
                        "4",
                        "--from-beginning",
                        "--property",
                        "print.key=true",
                        "--property",
                        "key.separator=-",
                        "--group",
                        group))
                .contains("null-hello", "my_key-my_value");
        assertThat(groups("--list").lines()).contains(group);
    }

    @Test
    void consumerGroupsAreListedDescribedResetAndDeleted() {
        topics("--create", "--topic", topic);
        broker.clients().produce(topic, 0, Collections.nCopies(8, "x"));
        consoleConsumer("8", "--from-beginning", "--group", group);

        assertThat(columns(groups("--describe", "--group", group))).startsWith(group, topic, "0", "8", "8", "0");
        assertThat(groups("--describe", "--group", group, "--state")).contains("Empty");
        assertThat(groups("--list", "--state")).containsPattern(group + "\\s+Empty");

        String plan = groups("--group", group, "--topic", topic, "--reset-offsets", "--to-earliest", "--dry-run");
        assertThat(columns(plan)).startsWith(group, topic, "0", "0");
        assertThat(columns(groups("--describe", "--group", group))).startsWith(group, topic, "0", "8");
        groups("--group", group, "--topic", topic, "--reset-offsets", "--to-earliest", "--execute");
        assertThat(columns(groups("--describe", "--group", group))).startsWith(group, topic, "0", "0", "8", "8");
        groups("--group", group, "--topic", topic, "--reset-offsets", "--shift-by", "3", "--execute");
        assertThat(columns(groups("--describe", "--group", group))).startsWith(group, topic, "0", "3", "8", "5");

        assertThat(groups("--delete-offsets", "--group", group, "--topic", topic))
                .contains("Successful");
        assertThat(groups("--delete", "--group", group)).contains("was successful");
        assertThat(groups("--list").lines()).doesNotContain(group);
    }

    @Test
    void aGroupWithMembersIsNeitherDeletedNorReset() {
        topics("--create", "--topic", topic);
        try (var consumer = broker.clients().consumer(group, java.util.Map.of())) {
            consumer.subscribe(List.of(topic));
            while (consumer.assignment().isEmpty()) {
                consumer.poll(java.time.Duration.ofMillis(50));
            }
            assertThat(broker.tool("kafka-consumer-groups", "--delete", "--group", group)
                            .output())
                    .contains("GroupNotEmptyException");
            assertThat(broker.tool(
                                    "kafka-consumer-groups",
                                    "--group",
                                    group,
                                    "--topic",
                                    topic,
                                    "--reset-offsets",
                                    "--to-earliest",
                                    "--execute")
                            .output())
                    .contains("inactive");
            assertThat(groups("--describe", "--group", group, "--members", "--verbose"))
                    .contains(topic + ":0")
                    .contains("/127.0.0.1");
            assertThat(groups("--describe", "--group", group, "--state")).containsPattern("range\\s+Stable");
        }
    }

    @Test
    void groupsListsClassicGroups() {
        topics("--create", "--topic", topic);
        broker.clients().produce(topic, 0, List.of("x"));
        consoleConsumer("1", "--from-beginning", "--group", group);
        assertThat(broker.tool("kafka-groups", "--list").succeeded().output()).containsPattern(group + "\\s+Classic");
    }

    @Test
    void verifiableProducerAndConsumerReportInJson() {
        topics("--create", "--topic", topic);
        assertThat(broker.tool("kafka-verifiable-producer", "--topic", topic, "--max-messages", "10")
                        .succeeded()
                        .output())
                .contains("startup_complete")
                .contains("producer_send_success")
                .contains("\"sent\":10,\"acked\":10");
        assertThat(broker.tool(
                                "kafka-verifiable-consumer",
                                "--topic",
                                topic,
                                "--group-id",
                                group,
                                "--max-messages",
                                "10",
                                "--reset-policy",
                                "earliest")
                        .succeeded()
                        .output())
                .contains("partitions_assigned")
                .containsPattern("\"name\":\"records_consumed\".*\"count\":10")
                .contains("offsets_committed");
    }

    @Test
    void getOffsetsCountsRecords() {
        topics("--create", "--topic", topic, "--partitions", "2");
        broker.clients().produce(topic, 1, Collections.nCopies(7, "x"));
        assertThat(broker.tool("kafka-get-offsets", "--topic", topic)
                        .succeeded()
                        .lines())
                .contains(topic + ":0:0", topic + ":1:7");
        assertThat(broker.tool("kafka-get-offsets", "--topic", topic, "--time", "-2")
                        .succeeded()
                        .lines())
                .contains(topic + ":1:0");
    }

    private String topics(String... arguments) {
        return broker.tool("kafka-topics", arguments).succeeded().output();
    }

    private String groups(String... arguments) {
        return broker.tool("kafka-consumer-groups", arguments).succeeded().output();
    }

    private List<String> consoleConsumer(String count, String... arguments) {
        List<String> all =
                new java.util.ArrayList<>(List.of("--topic", topic, "--max-messages", count, "--timeout-ms", "30000"));
        all.addAll(List.of(arguments));
        return broker.tool("kafka-console-consumer", all.toArray(String[]::new))
                .succeeded()
                .lines();
    }

    /** The columns of the line about the group's one partition. */
    private List<String> columns(String output) {
        return output.lines()
                .filter(line -> line.startsWith(group))
                .map(line -> Arrays.asList(line.trim().split("\\s+")))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output));
    }
}
