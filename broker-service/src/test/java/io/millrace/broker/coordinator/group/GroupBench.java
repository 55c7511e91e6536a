package io.millrace.broker.coordinator.group;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.CoordinatorEvent;
import io.millrace.broker.coordinator.MemoryLog;
import io.millrace.broker.coordinator.Simulation;
import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** A group coordinator on simulated time over one partition in memory. */
final class GroupBench {
    static final int PARTITION = 0;

    final Simulation simulation;
    final FakeImage image = new FakeImage();
    final List<CoordinatorEvent> events = new ArrayList<>();
    private GroupConfig config;
    ShardedGroupCoordinator coordinator;
    MemoryLog log;
    int epoch = 1;

    GroupBench(long seed, GroupConfig config) {
        this.simulation = new Simulation(seed);
        this.config = config;
        this.log = new MemoryLog(simulation);
        start();
    }

    static GroupConfig onePartition() {
        return configWith(Map.of());
    }

    static GroupConfig configWith(Map<String, String> overrides) {
        var values = new HashMap<String, Object>(overrides);
        values.put("offsets.topic.num.partitions", "1");
        return GroupConfig.from(GroupConfig.CONFIG_DEF.parse(values));
    }

    private void start() {
        coordinator = new ShardedGroupCoordinator(
                config, () -> image, simulation, simulation.random(), simulation, events::add);
        coordinator.runtime().elected(PARTITION, epoch, log);
        simulation.settle();
    }

    /** Leadership goes to another broker with the same log and settings. */
    void failOver() {
        failOver(config);
    }

    /** Leadership goes to another broker with the same log. */
    void failOver(GroupConfig newConfig) {
        config = newConfig;
        coordinator.runtime().resigned(PARTITION, epoch);
        simulation.settle();
        log = log.copy();
        epoch++;
        start();
    }

    static ClientContext client(String clientId, int version) {
        return new ClientContext(
                clientId,
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                new ListenerName("PLAINTEXT"),
                (short) version,
                1);
    }

    static JoinGroupRequestData.JoinGroupRequestProtocolCollection protocols(Map<String, byte[]> protocols) {
        var collection = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.forEach((name, metadata) -> collection.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName(name)
                .setMetadata(metadata)));
        return collection;
    }

    /** Topics that a test creates. */
    static final class FakeImage implements ClusterImage {
        private final Map<String, Topic> topics = new TreeMap<>();
        private final Map<Integer, Broker> brokers = new TreeMap<>();
        private long offset;

        void add(String name, int partitions) {
            var id = new Uuid(7, name.hashCode() & 0xFFFF_FFFFL);
            topics.put(name, new FakeTopic(name, id, partitions));
            offset++;
        }

        /** A broker in a rack; partitions of all topics are on the broker of their number. */
        void broker(int id, String rack) {
            brokers.put(id, new FakeBroker(id, rack));
            offset++;
        }

        void remove(String name) {
            topics.remove(name);
            offset++;
        }

        FakeImage copy() {
            var copy = new FakeImage();
            copy.topics.putAll(topics);
            copy.brokers.putAll(brokers);
            return copy;
        }

        @Override
        public long offset() {
            return offset;
        }

        @Override
        public String clusterId() {
            return "simulated";
        }

        @Override
        public Topic topic(String name) {
            return topics.get(name);
        }

        @Override
        public Topic topic(Uuid id) {
            return topics.values().stream()
                    .filter(topic -> topic.id().equals(id))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public Collection<Topic> topics() {
            return topics.values();
        }

        @Override
        public Broker broker(int id) {
            return brokers.get(id);
        }

        @Override
        public Collection<Broker> brokers() {
            return brokers.values();
        }

        @Override
        public Map<String, String> configOverrides(ConfigResource resource) {
            return Map.of();
        }

        @Override
        public Collection<ConfigResource> configuredResources() {
            return List.of();
        }

        @Override
        public SortedMap<String, Short> finalizedFeatures() {
            return new TreeMap<>();
        }

        @Override
        public DescribeClientQuotasResponseData describeClientQuotas(DescribeClientQuotasRequestData request) {
            return new DescribeClientQuotasResponseData();
        }

        @Override
        public DescribeUserScramCredentialsResponseData describeScramCredentials(
                DescribeUserScramCredentialsRequestData request) {
            return new DescribeUserScramCredentialsResponseData();
        }
    }

    private record FakeTopic(String name, Uuid id, int partitionCount) implements ClusterImage.Topic {
        @Override
        public ClusterImage.PartitionRegistration partition(int partition) {
            List<Integer> replicas = List.of(partition);
            return new ClusterImage.PartitionRegistration(
                    partition, 0, 0, 0, replicas, replicas, List.of(), List.of(), List.of(), List.of(), List.of());
        }
    }

    private record FakeBroker(int id, String rack) implements ClusterImage.Broker {
        @Override
        public long epoch() {
            return 0;
        }

        @Override
        public boolean fenced() {
            return false;
        }

        @Override
        public boolean inControlledShutdown() {
            return false;
        }

        @Override
        public Node node(ListenerName listener) {
            return new Node(id, "localhost", 1, rack);
        }
    }
}
