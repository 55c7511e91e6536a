package io.millrace.broker.coordinator.group.consumer;

import com.google.re2j.Pattern;
import io.millrace.broker.cluster.ClusterImage;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;

/** The cluster's topics as groups see them: ids, partition counts, names that match an expression. */
record TopicMetadata(ClusterImage image) implements SubscribedTopicDescriber {
    private static final long FNV_OFFSET = 0xcbf2_9ce4_8422_2325L;
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    Set<Uuid> ids(Collection<String> names) {
        var ids = new HashSet<Uuid>();
        for (String name : names) {
            ClusterImage.Topic topic = image.topic(name);
            if (topic != null) {
                ids.add(topic.id());
            }
        }
        return ids;
    }

    String name(Uuid id) {
        ClusterImage.Topic topic = image.topic(id);
        return topic == null ? "" : topic.name();
    }

    /** Topics whose whole name matches; {@code regex} has been checked. */
    Set<String> matching(String regex) {
        Pattern pattern = Pattern.compile(regex);
        var names = new HashSet<String>();
        for (ClusterImage.Topic topic : image.topics()) {
            if (pattern.matches(topic.name())) {
                names.add(topic.name());
            }
        }
        return names;
    }

    /** A hash that differs when one of the topics was created, recreated, removed, got partitions or moved to other racks (KIP-1101). */
    long hash(Set<String> names) {
        long hash = FNV_OFFSET;
        boolean any = false;
        for (String name : new TreeSet<>(names)) {
            ClusterImage.Topic topic = image.topic(name);
            if (topic != null) {
                any = true;
                hash = (hash ^ topic.id().getMostSignificantBits()) * FNV_PRIME;
                hash = (hash ^ topic.id().getLeastSignificantBits()) * FNV_PRIME;
                hash = (hash ^ topic.partitionCount()) * FNV_PRIME;
                hash = (hash ^ racksHash(topic)) * FNV_PRIME;
            }
        }
        return any ? hash : 0;
    }

    /** 0 while no broker has a rack, as in most clusters. */
    private long racksHash(ClusterImage.Topic topic) {
        boolean racks = image.brokers().stream().anyMatch(broker -> broker.rack() != null);
        long hash = 0;
        for (int number = 0; racks && number < topic.partitionCount(); number++) {
            hash = hash * FNV_PRIME + racksForPartition(topic.id(), number).hashCode();
        }
        return hash;
    }

    @Override
    public int numPartitions(Uuid topicId) {
        ClusterImage.Topic topic = image.topic(topicId);
        return topic == null ? 0 : topic.partitionCount();
    }

    @Override
    public Set<String> racksForPartition(Uuid topicId, int partition) {
        ClusterImage.Topic topic = image.topic(topicId);
        ClusterImage.PartitionRegistration registration = topic == null ? null : topic.partition(partition);
        var racks = new HashSet<String>();
        if (registration != null) {
            for (int replica : registration.replicas()) {
                ClusterImage.Broker broker = image.broker(replica);
                String rack = broker == null ? null : broker.rack();
                if (rack != null) {
                    racks.add(rack);
                }
            }
        }
        return racks;
    }
}
