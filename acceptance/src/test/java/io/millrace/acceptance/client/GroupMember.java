package io.millrace.acceptance.client;

import io.millrace.acceptance.broker.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A consumer that polls on a thread of its own and keeps account of what it owns, lost and read. Any thread. */
public final class GroupMember implements ConsumerRebalanceListener, AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(30);

    /** How it goes. */
    private enum Ending {
        LEAVE,
        /** Silently, as a process that is killed or a static member that will be back. */
        STAY
    }

    private final KafkaConsumer<String, String> consumer;
    private final Set<TopicPartition> owned = Collections.synchronizedSet(new HashSet<>());
    private final List<TopicPartition> revoked = Collections.synchronizedList(new ArrayList<>());
    private final List<String> values = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean ending = new AtomicBoolean();
    private volatile @Nullable Throwable failure;
    private volatile Ending how = Ending.LEAVE;
    private final Thread polling;

    private GroupMember(
            KafkaConsumer<String, String> consumer,
            BiConsumer<KafkaConsumer<String, String>, ConsumerRebalanceListener> subscription) {
        this.consumer = consumer;
        this.polling = Thread.ofPlatform().start(() -> poll(subscription));
    }

    /** Joins with a subscription to topics by name. */
    public static GroupMember join(
            String bootstrap, String group, Collection<String> topics, Map<String, String> config) {
        return join(bootstrap, group, config, (consumer, listener) -> consumer.subscribe(topics, listener));
    }

    /** Joins with a subscription of any kind; it is made on the member's thread. */
    public static GroupMember join(
            String bootstrap,
            String group,
            Map<String, String> config,
            BiConsumer<KafkaConsumer<String, String>, ConsumerRebalanceListener> subscription) {
        return new GroupMember(KafkaClients.consumer(bootstrap, group, config), subscription);
    }

    private void poll(BiConsumer<KafkaConsumer<String, String>, ConsumerRebalanceListener> subscription) {
        try (consumer) {
            subscription.accept(consumer, this);
            while (!ending.get()) {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> values.add(record.value()));
            }
            consumer.close(CloseOptions.timeout(END_LIMIT)
                    .withGroupMembershipOperation(
                            how == Ending.LEAVE
                                    ? CloseOptions.GroupMembershipOperation.DEFAULT
                                    : CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        owned.addAll(partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        partitions.forEach(owned::remove);
        if (!ending.get()) {
            revoked.addAll(partitions);
        }
    }

    /** What it owns now. */
    public Set<TopicPartition> owned() {
        synchronized (owned) {
            return Set.copyOf(owned);
        }
    }

    /** What was taken from it, in order, until it began to end. */
    public List<TopicPartition> revoked() {
        synchronized (revoked) {
            return List.copyOf(revoked);
        }
    }

    /** The values of the records it has read, in order. */
    public List<String> values() {
        synchronized (values) {
            return List.copyOf(values);
        }
    }

    /** What ended it against its will; null while nothing did. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Ends in the way that its configuration says: a dynamic member leaves, a static one will be back. */
    @Override
    public void close() {
        end(Ending.LEAVE);
    }

    /** Ends without a word to the group. */
    public void vanish() {
        end(Ending.STAY);
    }

    private void end(Ending ending) {
        how = ending;
        this.ending.set(true);
        try {
            if (!polling.join(END_LIMIT)) {
                throw new AssertionError("a group member has not ended within " + END_LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
