package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.SampleConsumer;
import io.millrace.acceptance.process.ExternalProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A1 with the cooperative-sticky assignor: what a member keeps is never taken from it. */
@Lab
final class A1CooperativeRoundLab {
    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("a1-cooperative");
    private final List<Member> members = new ArrayList<>();

    A1CooperativeRoundLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("a1-cooperative", 3);
    }

    @AfterEach
    void stopEverybody() {
        members.forEach(Member::leave);
    }

    @Test
    void onlyWhatMovesIsRevoked() {
        Member first = join();
        awaitShares(List.of(3));
        Member second = join();
        awaitShares(List.of(1, 2));
        assertThat(first.revoked).hasSize(1);
        Member third = join();
        awaitShares(List.of(1, 1, 1));
        assertThat(first.revoked.size() + second.revoked.size()).isEqualTo(2);
        join();
        awaitShares(List.of(0, 1, 1, 1));
        assertThat(Stream.of(first, second, third)
                        .mapToInt(member -> member.revoked.size())
                        .sum())
                .isEqualTo(2);

        Set<TopicPartition> kept = Set.copyOf(first.owned);
        members.remove(third);
        third.leave();
        awaitShares(List.of(1, 1, 1));
        assertThat(first.owned).containsAll(kept);
        members.remove(second);
        second.leave();
        awaitShares(List.of(1, 2));
        assertThat(first.owned).containsAll(kept);
    }

    @Test
    void theSpringSampleTakesPart() {
        try (ExternalProcess spring =
                SampleConsumer.start(broker.bootstrap(), topic, group, "sample.assignor=cooperative_sticky")) {
            spring.awaitLine("partitions assigned: \\[" + topic + "-0, " + topic + "-1, " + topic + "-2]");
            Member joined = join();
            spring.awaitLine("partitions revoked: \\[" + topic + "-\\d]");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(joined.owned).hasSize(1));
            spring.terminate();
            awaitShares(List.of(3));
        }
    }

    private Member join() {
        Member member = new Member();
        members.add(member);
        return member;
    }

    private void awaitShares(List<Integer> shares) {
        Awaitility.await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            assertThat(members.stream().map(member -> member.owned.size()).sorted())
                    .containsExactlyElementsOf(shares);
            assertThat(KafkaClients.get(broker.admin()
                                    .describeConsumerGroups(List.of(group))
                                    .all())
                            .get(group)
                            .groupState())
                    .isEqualTo(org.apache.kafka.common.GroupState.STABLE);
        });
    }

    /** A consumer that polls on a thread of its own and keeps account of what it owns and lost. */
    private final class Member implements ConsumerRebalanceListener {
        private final Set<TopicPartition> owned = Collections.synchronizedSet(new HashSet<>());
        private final List<TopicPartition> revoked = Collections.synchronizedList(new ArrayList<>());
        private final AtomicBoolean leaving = new AtomicBoolean();
        private final Thread polling = Thread.ofPlatform().start(this::poll);

        private void poll() {
            Map<String, String> configs =
                    Map.of("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
            try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, configs)) {
                consumer.subscribe(List.of(topic), this);
                while (!leaving.get()) {
                    consumer.poll(Duration.ofMillis(50));
                }
                consumer.unsubscribe();
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            owned.addAll(partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            owned.removeAll(partitions);
            if (!leaving.get()) {
                revoked.addAll(partitions);
            }
        }

        private void leave() {
            leaving.set(true);
            try {
                polling.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
