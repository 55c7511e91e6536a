package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ImageListener.ImageChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.network.ListenerName;

/** Metadata that a test writes down. */
public final class TestImage implements ClusterImage {

    private final SortedMap<String, TestTopic> topics = new TreeMap<>();
    private final SortedMap<Integer, TestBroker> brokers = new TreeMap<>();
    private final Map<ConfigResource, Map<String, String>> configs = new HashMap<>();

    record TestTopic(String name, Uuid id, List<PartitionRegistration> partitions) implements Topic {
        @Override
        public int partitionCount() {
            return partitions.size();
        }

        @Override
        public PartitionRegistration partition(int partition) {
            return partition < 0 || partition >= partitions.size() ? null : partitions.get(partition);
        }
    }

    record TestBroker(int id, long epoch, boolean fenced, Map<ListenerName, Node> nodes) implements Broker {
        @Override
        public boolean inControlledShutdown() {
            return false;
        }

        @Override
        public String rack() {
            return null;
        }

        @Override
        public Node node(ListenerName listener) {
            return nodes.get(listener);
        }
    }

    /** A broker with the listeners CLIENTS at {@code client-ID:9092} and INTERNAL at {@code broker-ID:9093}. */
    public TestImage broker(int id, boolean fenced) {
        return broker(id, 100 + id, fenced);
    }

    /** The same, registered with an epoch. */
    public TestImage broker(int id, long epoch, boolean fenced) {
        brokers.put(
                id,
                new TestBroker(
                        id,
                        epoch,
                        fenced,
                        Map.of(
                                new ListenerName("CLIENTS"), new Node(id, "client-" + id, 9092),
                                new ListenerName("INTERNAL"), new Node(id, "broker-" + id, 9093))));
        return this;
    }

    /** A topic whose partitions all have these replicas, the first one leading, all in sync. */
    public TestImage topic(String name, int partitions, Integer... replicas) {
        Uuid id = new Uuid(42, name.hashCode());
        List<PartitionRegistration> registrations = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            registrations.add(registration(i, replicas[0], 5, 0, List.of(replicas), List.of(replicas)));
        }
        topics.put(name, new TestTopic(name, id, registrations));
        return this;
    }

    /** The same image with one topic's configuration. */
    public TestImage config(ConfigResource.Type type, String name, String key, String value) {
        configs.computeIfAbsent(new ConfigResource(type, name), unused -> new HashMap<>())
                .put(key, value);
        return this;
    }

    public static PartitionRegistration registration(
            int partition, int leader, int leaderEpoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {
        return new PartitionRegistration(
                partition,
                leader,
                leaderEpoch,
                partitionEpoch,
                replicas,
                isr,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                replicas.stream().map(replica -> Uuid.ZERO_UUID).toList());
    }

    /** This image as the first one a listener sees. */
    public ImageChange asFirst() {
        return new ImageChange(
                new TestImage(),
                this,
                Set.copyOf(topics.values().stream().map(TestTopic::id).toList()),
                Set.of(),
                Set.copyOf(configs.keySet()),
                true);
    }

    @Override
    public long offset() {
        return 1;
    }

    @Override
    public String clusterId() {
        return "test-cluster";
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
        return List.copyOf(topics.values());
    }

    @Override
    public Broker broker(int id) {
        return brokers.get(id);
    }

    @Override
    public Collection<Broker> brokers() {
        return List.copyOf(brokers.values());
    }

    @Override
    public Map<String, String> configOverrides(ConfigResource resource) {
        return configs.getOrDefault(resource, Map.of());
    }

    @Override
    public Collection<ConfigResource> configuredResources() {
        return configs.keySet();
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
