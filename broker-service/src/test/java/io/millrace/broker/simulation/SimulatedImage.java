package io.millrace.broker.simulation;

import io.millrace.broker.cluster.ClusterImage;
import java.util.Collection;
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
import org.apache.kafka.common.network.ListenerName;

/** The metadata as of one offset: one topic and the brokers. */
record SimulatedImage(long offset, SortedMap<Integer, Member> members, OneTopic topic, Map<String, String> topicConfig)
        implements ClusterImage {

    static final String TOPIC = "orders";
    static final Uuid TOPIC_ID = new Uuid(3, 4);

    static SimulatedImage empty() {
        return new SimulatedImage(-1, new TreeMap<>(), new OneTopic(List.of()), Map.of());
    }

    record OneTopic(List<PartitionRegistration> partitions) implements Topic {
        @Override
        public String name() {
            return TOPIC;
        }

        @Override
        public Uuid id() {
            return TOPIC_ID;
        }

        @Override
        public int partitionCount() {
            return partitions.size();
        }

        @Override
        public PartitionRegistration partition(int partition) {
            return partition < 0 || partition >= partitions.size() ? null : partitions.get(partition);
        }
    }

    record Member(int id, long epoch, boolean fenced, boolean inControlledShutdown) implements Broker {
        @Override
        public String rack() {
            return null;
        }

        @Override
        public Node node(ListenerName listener) {
            return new Node(id, "broker-" + id, 9092);
        }
    }

    boolean exists() {
        return topic.partitionCount() > 0;
    }

    @Override
    public String clusterId() {
        return "simulated";
    }

    @Override
    public Topic topic(String name) {
        return exists() && name.equals(TOPIC) ? topic : null;
    }

    @Override
    public Topic topic(Uuid id) {
        return exists() && id.equals(TOPIC_ID) ? topic : null;
    }

    @Override
    public Collection<Topic> topics() {
        return exists() ? List.of(topic) : List.of();
    }

    @Override
    public Broker broker(int id) {
        return members.get(id);
    }

    @Override
    public Collection<Broker> brokers() {
        return List.copyOf(members.values());
    }

    @Override
    public Map<String, String> configOverrides(ConfigResource resource) {
        return resource.type() == ConfigResource.Type.TOPIC ? topicConfig : Map.of();
    }

    @Override
    public Collection<ConfigResource> configuredResources() {
        return List.of(new ConfigResource(ConfigResource.Type.TOPIC, TOPIC));
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
