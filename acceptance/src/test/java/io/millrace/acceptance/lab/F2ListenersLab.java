package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.ExternalClient;
import io.millrace.acceptance.process.CommandResult;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;

/** F2: metadata answers with the advertised address of the listener that the client came in by. */
@Lab
final class F2ListenersLab {
    private static final Map<String, String> TWO_LISTENERS = Map.of(
            "listeners",
            "INTERNAL://127.0.0.1:{port},EXTERNAL://127.0.0.1:{secondPort},CONTROLLER://127.0.0.1:{controllerPort}",
            "advertised.listeners",
            "INTERNAL://127.0.0.1:{port},EXTERNAL://localhost:{secondPort}",
            "listener.security.protocol.map",
            "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name",
            "INTERNAL");

    @Test
    void eachListenerAnswersWithItsOwnAddress(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(TWO_LISTENERS);

        assertThat(nodeSeenThrough("127.0.0.1:" + broker.port())).isEqualTo("127.0.0.1:" + broker.port());
        assertThat(nodeSeenThrough("127.0.0.1:" + broker.secondPort())).isEqualTo("localhost:" + broker.secondPort());
    }

    @Test
    void clientsOfBothListenersShareOneTopicAndCoordinator(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(TWO_LISTENERS);
        String topic = broker.newTopic("f2", 1);
        broker.clients().produce(topic, 0, List.of("from inside"));
        try (KafkaClients outside = new KafkaClients("127.0.0.1:" + broker.secondPort());
                var consumer = outside.consumer(BrokerUnderTest.freshName("f2-group"), Map.of())) {
            outside.produce(topic, 0, List.of("from outside"));
            consumer.subscribe(List.of(topic));
            assertThat(KafkaClients.poll(consumer, 2)).hasSize(2);
            var coordinator = KafkaClients.get(outside.admin()
                            .describeConsumerGroups(
                                    List.of(consumer.groupMetadata().groupId()))
                            .all())
                    .get(consumer.groupMetadata().groupId())
                    .coordinator();
            assertThat(coordinator.host()).isEqualTo("localhost");
            assertThat(coordinator.port()).isEqualTo(broker.secondPort());
        }
    }

    @Test
    void kcatSeesTheAdvertisedAddress(Brokers brokers) {
        ExternalClient.KCAT.require();
        BrokerUnderTest broker = brokers.start(TWO_LISTENERS);
        List<String> command = ExternalClient.KCAT.command(List.of("-b", "127.0.0.1:" + broker.secondPort(), "-L"));
        assertThat(CommandResult.run(Map.of(), "", command).succeeded().output())
                .contains("broker 1 at localhost:" + broker.secondPort());
    }

    private static String nodeSeenThrough(String bootstrap) {
        try (KafkaClients clients = new KafkaClients(bootstrap)) {
            Node node = KafkaClients.get(clients.admin().describeCluster().nodes())
                    .iterator()
                    .next();
            return node.host() + ":" + node.port();
        }
    }
}
