package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupMember;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A5: a group moves from the classic protocol to the consumer protocol and back by restarts of its members, one after the other. */
@Lab
final class A5MigrationLab {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PARTITIONS = 4;

    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("a5-migration");
    private final List<GroupMember> members = new ArrayList<>();
    private final Set<String> read = new HashSet<>();

    A5MigrationLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("a5-migration", PARTITIONS);
    }

    @AfterEach
    void everybodyLeaves() {
        members.forEach(GroupMember::close);
    }

    @ParameterizedTest
    @ValueSource(classes = {RangeAssignor.class, StickyAssignor.class, CooperativeStickyAssignor.class})
    void rollingRestartsMoveTheGroupThereAndBack(Class<?> assignor) {
        Map<String, String> classic = Map.of("partition.assignment.strategy", assignor.getName());
        Map<String, String> consumer = Map.of("group.protocol", "consumer");
        produce(0);
        join(classic);
        join(classic);
        awaitShares();
        assertThat(describe().type()).isEqualTo(GroupType.CLASSIC);
        awaitRead(100);

        restartFirst(consumer);
        awaitShares();
        assertThat(describe().type()).isEqualTo(GroupType.CONSUMER);
        assertThat(describe().members()).hasSize(2);
        produce(100);
        awaitRead(200);

        restartFirst(consumer);
        awaitShares();
        produce(200);
        awaitRead(300);

        restartFirst(classic);
        awaitShares();
        assertThat(describe().type()).isEqualTo(GroupType.CONSUMER);
        restartFirst(classic);
        awaitShares();
        assertThat(describe().type()).isEqualTo(GroupType.CLASSIC);
        produce(300);
        awaitRead(400);

        new ArrayList<>(members).forEach(this::leave);
        Map<TopicPartition, Long> committed = new HashMap<>();
        KafkaClients.get(broker.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((partition, offset) -> committed.put(partition, offset.offset()));
        assertThat(committed).hasSize(PARTITIONS);
        assertThat(committed.values()).containsOnly(100L);
        assertThat(read).hasSize(400);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStaticMemberKeepsItsPartitionsWhenItChangesItsProtocol(boolean toConsumer) {
        Map<String, String> before = protocol(!toConsumer, "one");
        join(before);
        join(protocol(!toConsumer, "two"));
        awaitShares();
        GroupMember first = members.getFirst();
        Set<TopicPartition> had = first.owned();
        members.remove(first);
        first.vanish();
        GroupMember returned = join(protocol(toConsumer, "one"));
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(returned.owned()).isEqualTo(had));
        awaitShares();
        assertThat(describe().members()).hasSize(2);
        assertThat(describe().type()).isEqualTo(GroupType.CONSUMER);
    }

    private static Map<String, String> protocol(boolean consumer, String instanceId) {
        return consumer
                ? Map.of("group.protocol", "consumer", "group.instance.id", instanceId)
                : Map.of(
                        "group.instance.id",
                        instanceId,
                        "partition.assignment.strategy",
                        CooperativeStickyAssignor.class.getName());
    }

    private void produce(int from) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int number = partition;
            broker.clients()
                    .produce(
                            topic,
                            partition,
                            IntStream.range(from / PARTITIONS, (from + 100) / PARTITIONS)
                                    .mapToObj(value -> number + ":" + value)
                                    .toList());
        }
    }

    /** Waits until so many values were read, by members that are here or were. */
    private void awaitRead(int count) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            members.forEach(member -> read.addAll(member.values()));
            assertThat(read).hasSize(count);
        });
    }

    private GroupMember join(Map<String, String> config) {
        GroupMember member = GroupMember.join(broker.bootstrap(), group, List.of(topic), config);
        members.add(member);
        return member;
    }

    private void leave(GroupMember member) {
        members.remove(member);
        member.close();
        read.addAll(member.values());
    }

    private void restartFirst(Map<String, String> config) {
        leave(members.getFirst());
        join(config);
    }

    /** Two members with half of the partitions each. */
    private void awaitShares() {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(members).allSatisfy(member -> {
                assertThat(member.failure()).isNull();
                assertThat(member.owned()).hasSize(PARTITIONS / 2);
            });
            assertThat(describe().groupState()).isEqualTo(GroupState.STABLE);
        });
    }

    private ConsumerGroupDescription describe() {
        return KafkaClients.get(
                        broker.admin().describeConsumerGroups(List.of(group)).all())
                .get(group);
    }
}
