package io.millrace.acceptance.lab;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.ExternalProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;

/** A3: the coordinator's log says what an operator greps for when a group rebalances, and why. */
@Lab
final class A3CoordinatorLogLab {
    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("a3-group");

    A3CoordinatorLogLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("a3", 1);
    }

    @Test
    void joinsAndLeavesAreTold() throws InterruptedException {
        ExternalProcess process = broker.process();
        int bookmark = process.lines().size();
        String quoted = Pattern.quote(group);

        AtomicBoolean leaving = new AtomicBoolean();
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, Map.of())) {
            consumer.subscribe(List.of(topic));
            Thread polling = Thread.ofPlatform().start(() -> {
                while (!leaving.get()) {
                    consumer.poll(Duration.ofMillis(50));
                }
            });
            process.awaitLineFrom(
                    bookmark,
                    "(?i)preparing to rebalance group " + quoted
                            + " in state PreparingRebalance with old generation 0 .*\\(reason: .*\\)");
            process.awaitLineFrom(bookmark, "(?i)stabilized group " + quoted + " generation 1 .*with 1 members");
            process.awaitLineFrom(
                    bookmark,
                    "(?i)assignment received from leader .* for group " + quoted
                            + " for generation 1.*The group has 1 members, 0 of which are static");
            leaving.set(true);
            polling.join();
        }
        process.awaitLineFrom(
                bookmark, "(?i)(?=.*" + quoted + ")member .* has left group .*through explicit `LeaveGroup` request");
    }
}
