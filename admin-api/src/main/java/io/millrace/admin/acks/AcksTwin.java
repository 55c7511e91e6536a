package io.millrace.admin.acks;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.problem.ApiException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic that a run writes to.
 *
 * <p>Brokers learn of a new topic one after the other, and who answers may be one that has not: until the topic has been here for
 * a while, that it is unknown means that it is not known yet.
 */
final class AcksTwin {
    private static final Logger LOG = LoggerFactory.getLogger(AcksTwin.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration AGAIN = Duration.ofMillis(50);
    /** A run stands still for so long at most before it goes on with what there is. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final String name;
    private final List<TopicPartition> partitions = new ArrayList<>();

    private AcksTwin(Cluster cluster, String name, int partitionCount) {
        this.cluster = cluster;
        this.name = name;
        for (int partition = 0; partition < partitionCount; partition++) {
            partitions.add(new TopicPartition(name, partition));
        }
    }

    /** {@code replicas} by partition. */
    static AcksTwin create(Cluster cluster, List<List<Integer>> replicas, Map<String, String> configs) {
        String name = "millrace-acks-lab-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "");
        Map<Integer, List<Integer>> assignment = new TreeMap<>();
        replicas.forEach(brokers -> assignment.put(assignment.size(), brokers));
        cluster.await(cluster.admin()
                .createTopics(List.of(new NewTopic(name, assignment).configs(configs)))
                .all());
        return new AcksTwin(cluster, name, replicas.size());
    }

    String name() {
        return name;
    }

    /** Waits until every partition has a leader that serves it; replicas in sync of the worst partition. */
    int awaitServed() throws InterruptedException {
        TopicDescription described = described();
        long deadline = deadline();
        while (described.partitions().stream().anyMatch(partition -> partition.leader() == null)
                && System.nanoTime() < deadline) {
            Thread.sleep(AGAIN);
            described = described();
        }
        // Leaders are asked themselves: they too may learn of it a moment after the others. Without one there is nobody
        // to wait for.
        if (described.partitions().stream().allMatch(partition -> partition.leader() != null)) {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            partitions.forEach(partition -> ends.put(partition, OffsetSpec.latest()));
            onceKnown(() -> cluster.await(cluster.admin().listOffsets(ends).all()));
        }
        return inSync(described);
    }

    int inSync() throws InterruptedException {
        return inSync(described());
    }

    private static int inSync(TopicDescription described) {
        return described.partitions().stream()
                .map(TopicPartitionInfo::isr)
                .mapToInt(List::size)
                .min()
                .orElse(0);
    }

    private TopicDescription described() throws InterruptedException {
        return onceKnown(() -> cluster.await(
                        cluster.admin().describeTopics(List.of(name)).allTopicNames())
                .values()
                .iterator()
                .next());
    }

    private <T> T onceKnown(Supplier<T> question) throws InterruptedException {
        long deadline = deadline();
        while (true) {
            try {
                return question.get();
            } catch (ApiException failure) {
                if (!failure.code().equals("KAFKA_UNKNOWN_TOPIC_OR_PARTITION") || System.nanoTime() > deadline) {
                    throw failure;
                }
            }
            Thread.sleep(AGAIN);
        }
    }

    /**
     * How often each record is there, by its number. Followers may be a moment behind what a leader acknowledged alone:
     * reading goes on to {@code endOffsets}, for as long as it gets on.
     */
    Map<Integer, Integer> readBack(Map<Integer, Long> endOffsets) {
        Map<Integer, Integer> found = new HashMap<>();
        try (Consumer<byte[], byte[]> consumer = cluster.newConsumer(Map.of("max.poll.records", 5_000))) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
            endOffsets.forEach((partition, end) -> ends.merge(new TopicPartition(name, partition), end, Math::max));
            long deadline = deadline();
            while (System.nanoTime() < deadline
                    && partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    found.merge(ByteBuffer.wrap(record.value()).getInt(), 1, Integer::sum);
                    deadline = deadline();
                }
            }
        }
        return found;
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.NANOSECONDS.convert(PATIENCE);
    }

    /** Null if it is gone, else why it is not. */
    @Nullable
    String delete() {
        try {
            cluster.await(cluster.admin().deleteTopics(List.of(name)).all());
            return null;
        } catch (ApiException failure) {
            LOG.warn("topic '{}' of the acks lab could not be deleted; delete it by hand", name, failure);
            return "topic '" + name + "' could not be deleted (" + failure.detail() + "); delete it by hand";
        }
    }
}
