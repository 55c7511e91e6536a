package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F4: the tools of the seed for the cluster and its storage, Apache Kafka's own, unmodified. */
@Lab
final class F4ClusterToolsLab {
    private final BrokerUnderTest broker;
    private final String topic;

    @TempDir
    private Path directory;

    F4ClusterToolsLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("f4", 2);
    }

    @Test
    void configsDescribeEveryBrokerKey() {
        assertThat(run("kafka-configs", "--describe", "--entity-type", "brokers", "--all"))
                .contains("log.retention.hours=168")
                .contains("DEFAULT_CONFIG")
                .contains("node.id=1")
                .contains("STATIC_BROKER_CONFIG");
    }

    @Test
    void reassignmentIsProposedExecutedVerifiedAndListed() throws IOException {
        String topics = file("topics.json", "{\"version\":1,\"topics\":[{\"topic\":\"" + topic + "\"}]}");
        assertThat(run(
                        "kafka-reassign-partitions",
                        "--topics-to-move-json-file",
                        topics,
                        "--broker-list",
                        "1",
                        "--generate"))
                .contains("Current partition replica assignment")
                .contains("Proposed partition reassignment configuration")
                .contains("\"replicas\":[1]");
        String plan = file(
                "plan.json",
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic
                        + "\",\"partition\":0,\"replicas\":[1],\"log_dirs\":[\"any\"]}]}");
        assertThat(run("kafka-reassign-partitions", "--reassignment-json-file", plan, "--execute"))
                .contains("Successfully started partition reassignment");
        assertThat(run("kafka-reassign-partitions", "--reassignment-json-file", plan, "--verify"))
                .contains("Reassignment of partition " + topic + "-0 is completed.");
        assertThat(run("kafka-reassign-partitions", "--list")).contains("No partition reassignments found.");
    }

    @Test
    void leadersAreElected() {
        assertThat(run("kafka-leader-election", "--election-type", "preferred", "--topic", topic, "--partition", "0"))
                .contains("Valid replica already elected for partitions " + topic + "-0");
        run("kafka-leader-election", "--election-type", "preferred", "--all-topic-partitions");
    }

    @Test
    void brokerApiVersionsKnowsEveryApiByName() {
        assertThat(run("kafka-broker-api-versions"))
                .contains(broker.bootstrap() + " (id: 1 rack: null isFenced: false)")
                .containsPattern("Produce\\(0\\): 0 to \\d+ \\[usable: \\d+]")
                .containsPattern("Fetch\\(1\\): 4 to \\d+ \\[usable: \\d+]")
                .containsPattern("ApiVersions\\(18\\): 0 to \\d+");
    }

    @Test
    void metadataQuorumIsDescribed() {
        assertThat(run("kafka-metadata-quorum", "describe", "--status"))
                .containsPattern("ClusterId:\\s+AAAAAAAAAAAAAAAAAAAAAQ")
                .containsPattern("LeaderId:\\s+1")
                .containsPattern("HighWatermark:\\s+[1-9]")
                .containsPattern("CurrentVoters:\\s+\\[\\{\"id\": 1");
        assertThat(run("kafka-metadata-quorum", "describe", "--replication"))
                .containsPattern("1\\s+\\S+\\s+\\d+\\s+0\\s+.*Leader");
    }

    @Test
    void logDirsShowSizes() {
        broker.clients().produce(topic, 0, Collections.nCopies(10, "x".repeat(100)));
        assertThat(run("kafka-log-dirs", "--describe", "--topic-list", topic))
                .contains("\"logDir\":\"" + broker.dataDirectory() + "\"")
                .containsPattern(
                        "\"partition\":\"" + topic + "-0\",\"size\":1\\d{3},\"offsetLag\":0,\"isFuture\":false")
                .contains("\"partition\":\"" + topic + "-1\",\"size\":0");
    }

    @Test
    void dumpLogReadsTheDirectories() {
        broker.clients().produce(topic, 0, List.of("first value", "second value"));
        Path segment = broker.partitionDirectory(topic, 0).resolve("00000000000000000000.log");
        CommandResult dump =
                broker.distribution().run("kafka-dump-log", List.of("--files", segment.toString(), "--print-data-log"));
        assertThat(dump.succeeded().output())
                .contains("Log starting offset: 0")
                .contains("baseOffset: 0 ")
                .contains("isvalid: true")
                .contains("payload: first value")
                .contains("payload: second value");
    }

    @Test
    void dumpLogReadsIndexesAndTheMetadataLog() {
        broker.clients().produce(topic, 0, Collections.nCopies(2000, "x".repeat(1000)));
        Path index = broker.partitionDirectory(topic, 0).resolve("00000000000000000000.index");
        assertThat(broker.distribution()
                        .run("kafka-dump-log", List.of("--files", index.toString(), "--index-sanity-check"))
                        .succeeded()
                        .output())
                .contains("passed sanity check");
        Path metadata = broker.dataDirectory().resolve("__cluster_metadata-0/00000000000000000000.log");
        assertThat(broker.distribution()
                        .run("kafka-dump-log", List.of("--files", metadata.toString(), "--cluster-metadata-decoder"))
                        .succeeded()
                        .output())
                .contains("TOPIC_RECORD")
                .contains(topic);
    }

    @Test
    void featuresAreDescribed() {
        assertThat(run("kafka-features", "describe"))
                .containsPattern("Feature: metadata.version\\s+.*FinalizedVersionLevel: 4.3-IV0")
                .contains("Feature: kraft.version");
    }

    @Test
    void clusterTellsItsIdAndEndpoints() {
        assertThat(clusterTool("cluster-id")).contains("Cluster ID: AAAAAAAAAAAAAAAAAAAAAQ");
        assertThat(clusterTool("list-endpoints"))
                .containsPattern("1\\s+127.0.0.1\\s+" + broker.port() + "\\s+null\\s+unfenced\\s+broker");
    }

    private String clusterTool(String command) {
        return broker.distribution()
                .run("kafka-cluster", List.of(command, "--bootstrap-server", broker.bootstrap()))
                .succeeded()
                .output();
    }

    @Test
    void aclsNeedAnAuthorizer() {
        assertThat(broker.tool("kafka-acls", "--list").output())
                .contains("SecurityDisabledException: No Authorizer is configured");
    }

    @Test
    void performanceToolsMeasure() {
        assertThat(run(
                        "kafka-producer-perf-test",
                        "--topic",
                        topic,
                        "--num-records",
                        "1000",
                        "--record-size",
                        "100",
                        "--throughput",
                        "-1"))
                .contains("1000 records sent");
        assertThat(run("kafka-consumer-perf-test", "--topic", topic, "--num-records", "1000"))
                .containsPattern(", 1000, \\d");
        assertThat(run(
                        "kafka-e2e-latency",
                        "--topic",
                        topic,
                        "--num-records",
                        "20",
                        "--producer-acks",
                        "all",
                        "--record-size",
                        "100"))
                .contains("Avg latency")
                .contains("Percentiles");
    }

    private String run(String tool, String... arguments) {
        return broker.tool(tool, arguments).succeeded().output();
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }
}
