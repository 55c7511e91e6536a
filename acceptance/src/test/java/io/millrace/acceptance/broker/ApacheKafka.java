package io.millrace.acceptance.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Apache Kafka itself, started from its published jars, with the main classes that its own scripts name.
 *
 * @param lib the folder with its class path
 */
record ApacheKafka(Path lib) implements Distribution {
    private static final List<String> QUICK_START = List.of(
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED");
    private static final Map<String, String> TOOLS = Map.ofEntries(
            Map.entry("kafka-storage", "kafka.tools.StorageTool"),
            Map.entry("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
            Map.entry("kafka-configs", "kafka.admin.ConfigCommand"),
            Map.entry("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
            Map.entry("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
            Map.entry("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
            Map.entry("kafka-verifiable-producer", "org.apache.kafka.tools.VerifiableProducer"),
            Map.entry("kafka-verifiable-consumer", "org.apache.kafka.tools.VerifiableConsumer"),
            Map.entry("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
            Map.entry("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
            Map.entry("kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
            Map.entry("kafka-leader-election", "org.apache.kafka.tools.LeaderElectionCommand"),
            Map.entry("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
            Map.entry("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
            Map.entry("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
            Map.entry("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"),
            Map.entry("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
            Map.entry("kafka-cluster", "org.apache.kafka.tools.ClusterTool"),
            Map.entry("kafka-acls", "org.apache.kafka.tools.AclCommand"),
            Map.entry("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
            Map.entry("kafka-consumer-perf-test", "org.apache.kafka.tools.ConsumerPerformance"),
            Map.entry("kafka-e2e-latency", "org.apache.kafka.tools.EndToEndLatency"),
            Map.entry("kafka-groups", "org.apache.kafka.tools.GroupsCommand"));

    @Override
    public String name() {
        return "apache-kafka";
    }

    @Override
    public List<String> format(Path propertiesFile, String... how) {
        return java("tools-log4j2.yaml", "-Xmx256m", TOOLS.get("kafka-storage"))
                .and("format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", propertiesFile.toString(), "--ignore-formatted")
                .with(how);
    }

    @Override
    public List<String> broker(Path propertiesFile) {
        return java("oracle-log4j2.yaml", "-Xmx512m", "kafka.Kafka").with(propertiesFile.toString());
    }

    @Override
    public Map<String, String> brokerEnvironment() {
        return Map.of();
    }

    @Override
    public List<String> tool(String name) {
        return java("tools-log4j2.yaml", "-Xmx256m", TOOLS.get(name)).arguments();
    }

    @Override
    public Map<String, String> toolEnvironment() {
        return Map.of();
    }

    private JavaCommand java(String logging, String heap, String mainClass) {
        Path configuration = Path.of(System.getProperty("acceptance.sources"), "resources", logging);
        return new JavaCommand(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString()))
                .and(QUICK_START.toArray(String[]::new))
                .and(heap, "-Dlog4j2.configurationFile=" + configuration, "-cp", lib + "/*", mainClass);
    }

    /** A command line that grows. */
    private record JavaCommand(List<String> arguments) {
        private JavaCommand and(String... more) {
            return new JavaCommand(java.util.stream.Stream.concat(arguments.stream(), java.util.Arrays.stream(more))
                    .toList());
        }

        private List<String> with(String... more) {
            return and(more).arguments;
        }
    }
}
