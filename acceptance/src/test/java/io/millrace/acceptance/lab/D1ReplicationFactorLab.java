package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import java.util.List;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.junit.jupiter.api.Test;

/** D1: a replication factor larger than the number of brokers is refused. */
@Lab
final class D1ReplicationFactorLab {
    private final BrokerUnderTest broker;
    private final String topic = BrokerUnderTest.freshName("d1");

    D1ReplicationFactorLab(BrokerUnderTest broker) {
        this.broker = broker;
    }

    @Test
    void moreReplicasThanBrokersAreRefused() {
        assertThatThrownBy(() -> KafkaClients.get(broker.admin()
                        .createTopics(List.of(new NewTopic(topic, 1, (short) 3)))
                        .all()))
                .isInstanceOf(InvalidReplicationFactorException.class)
                .hasMessageContaining("3");
        assertThat(KafkaClients.get(broker.admin().listTopics().names())).doesNotContain(topic);
    }

    @Test
    void theToolSaysWhy() {
        CommandResult refused = broker.tool(
                "kafka-topics", "--create", "--topic", topic, "--partitions", "1", "--replication-factor", "2");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("InvalidReplicationFactorException");
    }
}
