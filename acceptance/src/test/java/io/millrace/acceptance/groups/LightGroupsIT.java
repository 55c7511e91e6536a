package io.millrace.acceptance.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import io.millrace.acceptance.groups.GroupOfMembers.Setting;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A group of many members settles, and again when one leaves: every partition has one owner. {@code -Dgroups.members=2000} for more of them. */
@Lab
final class LightGroupsIT {
    private static final int MEMBERS = Integer.getInteger("groups.members", 60);
    private static final int PARTITIONS = 40;

    private final BrokerUnderTest broker;

    LightGroupsIT(BrokerUnderTest broker) {
        this.broker = broker;
    }

    @ParameterizedTest
    @EnumSource
    void manyMembersSettleAndOneLeaves(GroupProtocol protocol) throws InterruptedException {
        String topic = broker.newTopic("light", PARTITIONS);
        Uuid topicId = KafkaClients.get(
                        broker.admin().describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .topicId();
        var setting = new Setting(broker.port(), topic, topicId, PARTITIONS, 30_000);
        try (GroupOfMembers group = new GroupOfMembers(BrokerUnderTest.freshName("light"), setting)) {
            group.join(MEMBERS, protocol);
            group.ownership().awaitStable(System.nanoTime(), 1_000, 60_000);
            group.leaveOne();
            group.ownership().awaitStable(System.nanoTime(), 1_000, 60_000);
            assertThat(group.ownership().ownedTwice()).isZero();
            assertThat(group.failure()).isNull();
        }
    }
}
