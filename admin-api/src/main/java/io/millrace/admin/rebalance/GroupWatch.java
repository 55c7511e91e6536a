package io.millrace.admin.rebalance;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.problem.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what happens in one cluster's groups: reads the journal where there is one, from a day ago on, and else looks once a second at
 * the groups that somebody asked about in the last minute. A thread of its own; the rest from any thread.
 */
final class GroupWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWatch.class);

    static final String TOPIC = "__group_journal";
    private static final Duration HISTORY = Duration.ofHours(24);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final long LOOK_INTERVAL_MS = 1_000;
    private static final long RETRY_MS = 2_000;
    private static final Duration INTEREST = Duration.ofMinutes(1);
    private static final Duration RESCAN = Duration.ofMinutes(5);
    private static final int MAX_LOOKED_AT = 200;
    private static final int LOOK_TIMEOUT_MS = 5_000;

    /** Where the events come from. */
    enum Source {
        /** The coordinators' own account. */
        JOURNAL,
        /** Looks at the groups: short events are missed, and causes are not known. */
        POLLING
    }

    private final Cluster cluster;
    private final EventStore store = new EventStore();
    private final GroupLooks looks = new GroupLooks();
    private final Map<String, Instant> interest = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private volatile Source source = Source.POLLING;
    /** Counts rounds; the first one ends when everything that was there is read. */
    private final AtomicInteger rounds = new AtomicInteger();

    GroupWatch(Cluster cluster) {
        this.cluster = cluster;
        this.thread = Thread.ofVirtual().name("group-watch-" + cluster.id()).start(this::run);
    }

    EventStore store() {
        return store;
    }

    Source source() {
        return source;
    }

    /**
     * Notes that somebody wants to know about a group, which matters only where groups have to be looked at; true when
     * nobody wanted to before, so that it has not been looked at.
     */
    boolean interestIn(String groupId) {
        if (interest.size() >= MAX_LOOKED_AT && !interest.containsKey(groupId)) return false;
        return interest.put(groupId, Instant.now()) == null;
    }

    /**
     * Waits until what was there is known, or {@code limit} has passed; false if it is not.
     *
     * @param looked where groups have to be looked at: whether a new look must have ended
     */
    boolean awaitCurrent(Duration limit, boolean looked) throws InterruptedException {
        long endNs = System.nanoTime() + limit.toNanos();
        int target = source == Source.JOURNAL || !looked ? 1 : rounds.get() + 2;
        while (rounds.get() < target && System.nanoTime() < endNs) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return rounds.get() >= target;
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (journalExists()) {
                    if (source == Source.POLLING) {
                        source = Source.JOURNAL;
                        rounds.set(0);
                        store.clear();
                    }
                    follow();
                } else {
                    source = Source.POLLING;
                    positions.clear();
                    lookAtGroups();
                    TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL_MS);
                }
            } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException closed) {
                return;
            } catch (KafkaException | ApiException failure) {
                LOG.debug("the groups of cluster '{}' cannot be followed now", cluster.id(), failure);
                if (!pause()) return;
            }
        }
    }

    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            return true;
        } catch (InterruptedException closed) {
            return false;
        }
    }

    private boolean journalExists() throws InterruptedException {
        try {
            cluster.admin().describeTopics(List.of(TOPIC)).allTopicNames().get(LOOK_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException absent) {
            return false;
        }
    }

    // --- the journal ---

    private void follow() throws InterruptedException {
        try (Consumer<byte[], byte[]> consumer = cluster.newConsumer(Map.of("max.poll.records", 2_000))) {
            try {
                List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                        .map(info -> new TopicPartition(TOPIC, info.partition()))
                        .toList();
                consumer.assign(partitions);
                seek(consumer, partitions);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                long rescanNs = System.nanoTime() + RESCAN.toNanos();
                while (System.nanoTime() < rescanNs || rounds.get() == 0) {
                    List<GroupEvent> events = new ArrayList<>();
                    consumer.poll(POLL).forEach(record -> {
                        GroupEvent event = JournalRecords.read(record);
                        if (event != null) events.add(event);
                    });
                    partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
                    store.add(events);
                    if (rounds.get() > 0
                            || ends.entrySet().stream()
                                    .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue())) {
                        rounds.incrementAndGet();
                    }
                    if (Thread.currentThread().isInterrupted()) throw new InterruptedException();
                }
            } finally {
                // The consumer must still be able to say goodbye.
                if (Thread.interrupted()) thread.interrupt();
            }
        }
    }

    /** Goes on where it was, or begins a day ago. */
    private void seek(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> unknown = new HashMap<>();
        long fromMs = Instant.now().minus(HISTORY).toEpochMilli();
        for (TopicPartition partition : partitions) {
            Long position = positions.get(partition);
            if (position != null) consumer.seek(partition, position);
            else unknown.put(partition, fromMs);
        }
        if (unknown.isEmpty()) return;
        Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(unknown);
        unknown.keySet().forEach(partition -> {
            OffsetAndTimestamp start = starts.get(partition);
            if (start != null) consumer.seek(partition, start.offset());
            else consumer.seekToEnd(List.of(partition));
        });
    }

    // --- looking ---

    private void lookAtGroups() throws InterruptedException {
        Instant now = Instant.now();
        interest.values().removeIf(at -> at.isBefore(now.minus(INTEREST)));
        Set<String> wanted = interest.keySet().stream().collect(Collectors.toSet());
        List<GroupEvent> events = new ArrayList<>();
        if (!wanted.isEmpty()) {
            Map<String, KafkaFuture<ConsumerGroupDescription>> answers =
                    cluster.admin().describeConsumerGroups(wanted).describedGroups();
            for (KafkaFuture<ConsumerGroupDescription> answer : answers.values()) {
                try {
                    events.addAll(looks.look(answer.get(LOOK_TIMEOUT_MS, TimeUnit.MILLISECONDS), Instant.now()));
                } catch (ExecutionException | TimeoutException notNow) {
                    LOG.debug("a group cannot be looked at now", notNow);
                }
            }
        }
        store.add(events);
        rounds.incrementAndGet();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
