package io.millrace.broker.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.network.ListenerName;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's metadata as of one offset of the metadata log: immutable, any thread. A thin view of Kafka's own image, so that no
 * other package depends on Kafka's internals.
 */
public interface ClusterImage {

    /** Offset of the last metadata record contained; -1 before the first. */
    long offset();

    String clusterId();

    @Nullable
    Topic topic(String name);

    @Nullable
    Topic topic(Uuid id);

    Collection<Topic> topics();

    @Nullable
    Broker broker(int id);

    /** Registered brokers, fenced ones included, by id. */
    Collection<Broker> brokers();

    /** Dynamic configuration of a topic, broker, client-metrics or group resource: overrides only. */
    Map<String, String> configOverrides(ConfigResource resource);

    /** Every resource that has overrides. */
    Collection<ConfigResource> configuredResources();

    /** Finalized feature levels, {@code metadata.version} included. */
    SortedMap<String, Short> finalizedFeatures();

    /** Client quotas that match {@code request}. */
    DescribeClientQuotasResponseData describeClientQuotas(DescribeClientQuotasRequestData request);

    /** Users' SCRAM credentials that match {@code request}, without their secrets. */
    DescribeUserScramCredentialsResponseData describeScramCredentials(DescribeUserScramCredentialsRequestData request);

    /** A topic; {@code partitions} are complete and in order of their number. */
    interface Topic {
        String name();

        Uuid id();

        int partitionCount();

        @Nullable
        PartitionRegistration partition(int partition);
    }

    /**
     * A partition as the controller knows it.
     *
     * @param leader broker id, -1 for none
     * @param replicas broker ids, preferred leader first
     * @param directories log directory ids, one per replica
     */
    record PartitionRegistration(
            int partition,
            int leader,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> addingReplicas,
            List<Integer> removingReplicas,
            List<Integer> eligibleLeaderReplicas,
            List<Integer> lastKnownLeader,
            List<Uuid> directories) {}

    /** A registered broker. */
    interface Broker {
        int id();

        long epoch();

        boolean fenced();

        boolean inControlledShutdown();

        @Nullable
        String rack();

        /** Its endpoint for a listener, or null if it does not have that listener. */
        @Nullable
        Node node(ListenerName listener);
    }
}
