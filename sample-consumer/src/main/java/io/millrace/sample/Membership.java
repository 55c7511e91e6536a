package io.millrace.sample;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.stereotype.Component;

/** What this process's group members own, and how many records each partition brought; any thread. */
@Component
final class Membership implements ConsumerAwareRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    private static final Comparator<TopicPartition> BY_TOPIC_AND_NUMBER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    /** A partition's assignment to one of this process's members. */
    record Owned(String partition, String memberId, Instant since, long records) {}

    /** One change of ownership. */
    record Change(Instant time, String kind, String memberId, List<String> partitions) {}

    private record Ownership(String memberId, Instant since) {}

    private static final int KEPT_CHANGES = 100;

    private final String group;
    private final Clock clock = Clock.systemUTC();
    private final Map<TopicPartition, Ownership> owned = new TreeMap<>(BY_TOPIC_AND_NUMBER);
    private final Map<TopicPartition, LongAdder> received = new TreeMap<>(BY_TOPIC_AND_NUMBER);
    private final List<Change> changes = new ArrayList<>();

    Membership(SampleProperties properties) {
        this.group = properties.group();
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        String memberId = consumer.groupMetadata().memberId();
        Instant now = clock.instant();
        synchronized (this) {
            partitions.forEach(partition -> owned.put(partition, new Ownership(memberId, now)));
            changed("assigned", now, memberId, partitions);
        }
    }

    @Override
    public void onPartitionsRevokedAfterCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        gone("revoked", consumer, partitions);
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        gone("lost", consumer, partitions);
    }

    synchronized void received(TopicPartition partition) {
        received.computeIfAbsent(partition, ignored -> new LongAdder()).increment();
    }

    synchronized List<Owned> owned() {
        List<Owned> result = new ArrayList<>();
        owned.forEach((partition, ownership) -> {
            LongAdder count = received.get(partition);
            result.add(new Owned(
                    partition.toString(), ownership.memberId(), ownership.since(), count == null ? 0 : count.sum()));
        });
        return result;
    }

    /** The latest changes of ownership, newest last. */
    synchronized List<Change> changes() {
        return List.copyOf(changes);
    }

    private void gone(String kind, Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        synchronized (this) {
            partitions.forEach(owned::remove);
            changed(kind, clock.instant(), consumer.groupMetadata().memberId(), partitions);
        }
    }

    private void changed(String kind, Instant now, String memberId, Collection<TopicPartition> partitions) {
        List<String> names = partitions.stream()
                .sorted(BY_TOPIC_AND_NUMBER)
                .map(TopicPartition::toString)
                .toList();
        log.info("{}: partitions {}: {}", group, kind, names);
        if (changes.size() == KEPT_CHANGES) {
            changes.removeFirst();
        }
        changes.add(new Change(now, kind, memberId, names));
    }
}
