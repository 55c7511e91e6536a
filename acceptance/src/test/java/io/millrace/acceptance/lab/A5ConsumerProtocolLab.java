package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupMember;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A5: groups of the consumer protocol (KIP-848): the coordinator assigns, partitions move one by one. */
@Lab
final class A5ConsumerProtocolLab {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("a5-consumer");
    private final List<GroupMember> members = new ArrayList<>();

    A5ConsumerProtocolLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("a5-consumer", 3);
    }

    @AfterEach
    void everybodyLeaves() {
        members.forEach(GroupMember::close);
    }

    @Test
    void membersComeAndGoAndOnlyWhatMovesIsTaken() {
        GroupMember first = join(Map.of());
        awaitShares(List.of(3));
        GroupMember second = join(Map.of());
        awaitShares(List.of(1, 2));
        assertThat(first.revoked()).hasSize(1);
        GroupMember third = join(Map.of());
        awaitShares(List.of(1, 1, 1));
        join(Map.of());
        awaitShares(List.of(0, 1, 1, 1));
        assertThat(first.revoked().size() + second.revoked().size()).isEqualTo(2);
        Set<TopicPartition> kept = first.owned();
        leave(third);
        awaitShares(List.of(1, 1, 1));
        leave(second);
        awaitShares(List.of(1, 2));
        assertThat(first.owned()).containsAll(kept);
        assertThat(describe().type()).isEqualTo(GroupType.CONSUMER);
    }

    @Test
    void rangeKeepsNeighboursTogetherAndUniformIsTheDefault() {
        join(Map.of("group.remote.assignor", "range"));
        join(Map.of("group.remote.assignor", "range"));
        awaitShares(List.of(1, 2));
        assertThat(describe().partitionAssignor()).isEqualTo("range");
        Set<TopicPartition> larger = members.stream()
                .map(GroupMember::owned)
                .filter(owned -> owned.size() == 2)
                .findFirst()
                .orElseThrow();
        assertThat(larger).containsExactlyInAnyOrder(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        new ArrayList<>(members).forEach(this::leave);
        join(Map.of());
        awaitShares(List.of(3));
        assertThat(describe().partitionAssignor()).isEqualTo("uniform");
    }

    @Test
    void aPatternFollowsTopicsThatAreMadeLater() {
        String prefix = topic + "-pattern";
        KafkaClients clients = broker.clients();
        clients.createTopic(prefix + "-a", 2, Map.of());
        GroupMember member = joinPattern(prefix + "-[a-z]+");
        awaitOwned(member, prefix + "-a", 2);
        // A coordinator may look at patterns only now and then; a subscription that changes makes it look.
        clients.createTopic(prefix + "-b", 1, Map.of());
        clients.createTopic(prefix + "-1", 1, Map.of());
        GroupMember second = joinPattern("(" + prefix + ")-[a-z]+");
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            Map<String, Long> owned = members.stream()
                    .flatMap(each -> each.owned().stream())
                    .collect(Collectors.groupingBy(TopicPartition::topic, TreeMap::new, Collectors.counting()));
            assertThat(owned).containsEntry(prefix + "-a", 2L).doesNotContainKey(prefix + "-1");
            assertThat(second.owned()).contains(new TopicPartition(prefix + "-b", 0));
        });
    }

    @Test
    void aBrokenPatternIsRefused() {
        GroupMember member = joinPattern("a(b");
        Awaitility.await().atMost(PATIENCE).until(() -> member.failure() != null);
        assertThat(member.failure()).hasMessageContaining("a(b");
    }

    @Test
    void partitionsThatAreAddedFindAnOwner() {
        GroupMember member = join(Map.of());
        join(Map.of());
        awaitShares(List.of(1, 2));
        KafkaClients.get(broker.admin()
                .createPartitions(Map.of(topic, NewPartitions.increaseTo(6)))
                .all());
        awaitShares(List.of(3, 3));
        assertThat(member.owned()).hasSize(3);
    }

    @Test
    void aStaticMemberComesBackToWhatItHad() {
        join(Map.of("group.instance.id", "one"));
        GroupMember second = join(Map.of("group.instance.id", "two"));
        awaitShares(List.of(1, 2));
        Set<TopicPartition> before = second.owned();
        String memberBefore = instance("two").consumerId();
        GroupMember first = members.getFirst();

        leave(second);
        GroupMember returned = join(Map.of("group.instance.id", "two"));
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(returned.owned()).isEqualTo(before));
        assertThat(instance("two").consumerId()).isNotEqualTo(memberBefore);
        assertThat(first.revoked()).hasSizeLessThanOrEqualTo(1);

        GroupMember rival = join(Map.of("group.instance.id", "two"));
        Awaitility.await().atMost(PATIENCE).until(() -> rival.failure() != null);
        assertThat(rival.failure()).isInstanceOf(UnreleasedInstanceIdException.class);
        members.remove(rival);
    }

    @Test
    void recordsAreReadOnceAcrossRebalancesAndCommitsSurvive() {
        List<String> values =
                IntStream.range(0, 300).mapToObj(Integer::toString).toList();
        for (int partition = 0; partition < 3; partition++) {
            int number = partition;
            broker.clients()
                    .produce(
                            topic,
                            partition,
                            values.stream().map(value -> number + ":" + value).toList());
        }
        GroupMember first = join(Map.of("max.poll.records", "10"));
        Awaitility.await().atMost(PATIENCE).until(() -> first.values().size() > 50);
        GroupMember second = join(Map.of("max.poll.records", "10"));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> first.values().size() + second.values().size() >= 900);
        var all = new ArrayList<>(first.values());
        all.addAll(second.values());
        assertThat(all).doesNotHaveDuplicates().hasSize(900);
        leave(first);
        leave(second);
        Map<TopicPartition, Long> committed = new HashMap<>();
        KafkaClients.get(broker.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((partition, offset) -> committed.put(partition, offset.offset()));
        assertThat(committed.values()).containsExactly(300L, 300L, 300L);
    }

    @Test
    void toolsAndAdminSeeTheGroup() {
        join(Map.of());
        awaitShares(List.of(3));
        broker.clients().produce(topic, 0, List.of("x"));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> members.getFirst().values().contains("x"));

        assertThat(groups("--list", "--state", "stable")).contains(group);
        assertThat(groups("--list", "--type", "consumer")).contains(group);
        assertThat(groups("--list", "--type", "classic")).doesNotContain(group);
        assertThat(groups("--describe", "--group", group)).containsPattern(topic + "\\s+2\\s");
        assertThat(groups("--describe", "--group", group, "--members", "--verbose"))
                .contains("CURRENT-EPOCH", "TARGET-EPOCH", topic + ":0,1,2");
        assertThat(groups("--describe", "--group", group, "--state", "--verbose"))
                .containsPattern("uniform\\s+Stable\\s+\\d+\\s+\\d+\\s+1");
        assertThat(KafkaClients.get(broker.admin()
                        .listGroups(ListGroupsOptions.forConsumerGroups().withTypes(Set.of(GroupType.CONSUMER)))
                        .all()))
                .anyMatch(listing -> listing.groupId().equals(group));
        assertThat(broker.tool("kafka-consumer-groups", "--delete", "--group", group)
                        .output())
                .contains("GroupNotEmptyException");

        leave(members.getFirst());
        awaitState(GroupState.EMPTY);
        groups("--group", group, "--topic", topic, "--reset-offsets", "--to-earliest", "--execute");
        assertThat(groups("--describe", "--group", group)).containsPattern(topic + "\\s+0\\s+0\\s+1\\s+1");
        assertThat(groups("--delete-offsets", "--group", group, "--topic", topic))
                .contains("Successful");
        assertThat(groups("--delete", "--group", group)).contains("was successful");
        assertThat(groups("--list")).doesNotContain(group);
    }

    @Test
    void anAdministratorRemovesStaticMembers() {
        join(Map.of("group.instance.id", "gone"));
        awaitShares(List.of(3));
        leave(members.getFirst());
        assertThat(describe().members()).hasSize(1);
        KafkaClients.get(broker.admin()
                .removeMembersFromConsumerGroup(
                        group,
                        new org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions(
                                List.of(new org.apache.kafka.clients.admin.MemberToRemove("gone"))))
                .all());
        awaitState(GroupState.EMPTY);
    }

    @Test
    void aGroupHasTimesOfItsOwnWithinTheBrokersLimits() {
        alter("consumer.session.timeout.ms", "50000");
        // The broker hears of it from the metadata log, a moment after whoever changed it.
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(KafkaClients.get(broker.admin()
                                        .describeConfigs(List.of(new ConfigResource(ConfigResource.Type.GROUP, group)))
                                        .all())
                                .get(new ConfigResource(ConfigResource.Type.GROUP, group))
                                .get("consumer.session.timeout.ms")
                                .value())
                        .isEqualTo("50000"));
        org.junit.jupiter.api.Assertions.assertThrows(
                InvalidConfigurationException.class, () -> alter("consumer.session.timeout.ms", "1000"));
    }

    private void alter(String key, String value) {
        KafkaClients.get(broker.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.GROUP, group),
                        List.<AlterConfigOp>of(
                                new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                .all());
    }

    private GroupMember join(Map<String, String> config) {
        return joined(GroupMember.join(broker.bootstrap(), group, List.of(topic), consumerProtocol(config)));
    }

    private GroupMember joinPattern(String pattern) {
        return joined(GroupMember.join(
                broker.bootstrap(),
                group,
                consumerProtocol(Map.of()),
                (consumer, listener) -> consumer.subscribe(new SubscriptionPattern(pattern), listener)));
    }

    private GroupMember joined(GroupMember member) {
        members.add(member);
        return member;
    }

    private static Map<String, String> consumerProtocol(Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("group.protocol", "consumer");
        return all;
    }

    private void leave(GroupMember member) {
        members.remove(member);
        member.close();
    }

    private void awaitShares(List<Integer> shares) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(members.stream().map(member -> member.owned().size()).sorted())
                    .containsExactlyElementsOf(shares);
            assertThat(describe().groupState()).isEqualTo(GroupState.STABLE);
        });
    }

    private static void awaitOwned(GroupMember member, String topic, int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> member.owned().stream()
                                .filter(partition -> partition.topic().equals(topic))
                                .count()
                        == count);
    }

    private void awaitState(GroupState state) {
        Awaitility.await().atMost(PATIENCE).until(() -> describe().groupState() == state);
    }

    private MemberDescription instance(String instanceId) {
        Collection<MemberDescription> all = describe().members();
        return all.stream()
                .filter(member -> member.groupInstanceId().equals(java.util.Optional.of(instanceId)))
                .findFirst()
                .orElseThrow();
    }

    private ConsumerGroupDescription describe() {
        return KafkaClients.get(
                        broker.admin().describeConsumerGroups(List.of(group)).all())
                .get(group);
    }

    private String groups(String... arguments) {
        return broker.tool("kafka-consumer-groups", arguments).succeeded().output();
    }
}
