package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.ExternalClient;
import io.millrace.acceptance.client.SampleConsumer;
import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A1: the rebalance round of the seed. A Spring Boot consumer and up to three of kafka-python share three partitions: three,
 * two and one, one each, and the fourth idles; a producer sends all the while, and they leave one by one.
 */
@Lab
final class A1RebalanceRoundLab {
    private static final Pattern SPRING = Pattern.compile("partitions assigned: \\[(.*)]");
    private static final Pattern PYTHON = Pattern.compile("^assigned: \\[(.*)]");

    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("edu-group");
    private final List<ExternalProcess> started = new ArrayList<>();

    A1RebalanceRoundLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("edu-topic", 3);
    }

    @AfterEach
    void stopEverything() {
        started.forEach(ExternalProcess::close);
    }

    @Test
    void fourConsumersComeAndGo() {
        ExternalClient.KAFKA_PYTHON.require();
        ExternalProcess spring = keep(SampleConsumer.start(broker.bootstrap(), topic, group, "sample.assignor=range"));
        spring.awaitLine(
                Pattern.quote(group + ": partitions assigned: [" + topic + "-0, " + topic + "-1, " + topic + "-2]"));
        ExternalProcess first = pythonConsumer(1);
        awaitShares(spring, List.of(first), List.of(1, 2));
        ExternalProcess second = pythonConsumer(2);
        awaitShares(spring, List.of(first, second), List.of(1, 1, 1));
        ExternalProcess third = pythonConsumer(3);
        awaitShares(spring, List.of(first, second, third), List.of(0, 1, 1, 1));
        awaitMembers(4);

        ExternalProcess producer = pythonProducer();
        awaitEvenLogs(spring, List.of(first, second, third));

        leave(third);
        awaitShares(spring, List.of(first, second), List.of(1, 1, 1));
        leave(second);
        awaitShares(spring, List.of(first), List.of(1, 2));
        leave(first);
        awaitShares(spring, List.of(), List.of(3));

        int bookmark = spring.lines().size();
        spring.awaitLineFrom(bookmark, "received " + Pattern.quote(topic));
        producer.interrupt();
        producer.awaitExit(Duration.ofSeconds(20));
        awaitEverySentRecordWasReceived(producer);
        spring.terminate();
        spring.awaitExit(Duration.ofSeconds(30));
        awaitMembers(0);
    }

    /** The partitions that each member said last that it has, when all have said so, all three are owned and the shares are these. */
    private void awaitShares(ExternalProcess spring, List<ExternalProcess> pythons, List<Integer> shares) {
        Awaitility.await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            // Who has said nothing yet is no member without a share.
            assertThat(pythons)
                    .allSatisfy(python ->
                            assertThat(python.linesMatching(PYTHON.pattern())).isNotEmpty());
            List<Set<String>> owned = Stream.concat(
                            Stream.of(lastSaid(spring, SPRING)),
                            pythons.stream().map(python -> lastSaid(python, PYTHON)))
                    .toList();
            assertThat(owned.stream().map(Set::size).sorted()).containsExactlyElementsOf(shares);
            assertThat(owned.stream().flatMap(Set::stream))
                    .containsExactlyInAnyOrder(topic + "-0", topic + "-1", topic + "-2");
        });
    }

    private static Set<String> lastSaid(ExternalProcess process, Pattern pattern) {
        return process.lines().reversed().stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .findFirst()
                .map(match -> Stream.of(match.group(1).split(","))
                        .map(name -> name.replaceAll("[' ]", ""))
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toCollection(TreeSet::new)))
                .orElseGet(TreeSet::new);
    }

    /** Each of the three owners logs records; the one without a partition logs none. */
    private void awaitEvenLogs(ExternalProcess spring, List<ExternalProcess> pythons) {
        Awaitility.await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            assertThat(spring.linesMatching("received ")).hasSizeGreaterThan(3);
            for (ExternalProcess python : pythons) {
                if (lastSaid(python, PYTHON).isEmpty()) {
                    assertThat(python.linesMatching("^record: ")).isEmpty();
                } else {
                    assertThat(python.linesMatching("^record: ")).hasSizeGreaterThan(3);
                }
            }
        });
    }

    private void awaitEverySentRecordWasReceived(ExternalProcess producer) {
        Pattern received = Pattern.compile("^record: (\\d+) (\\d+) |received \\S+-(\\d+)@(\\d+) ");
        Set<String> sent = producer.linesMatching("^sent: ").stream()
                .map(line -> line.split(" ")[1] + "@" + line.split(" ")[2])
                .collect(Collectors.toSet());
        assertThat(sent).isNotEmpty();
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Set<String> seen = started.stream()
                    .flatMap(process -> process.lines().stream())
                    .map(received::matcher)
                    .filter(Matcher::find)
                    .map(match -> match.group(1) == null
                            ? match.group(3) + "@" + match.group(4)
                            : match.group(1) + "@" + match.group(2))
                    .collect(Collectors.toSet());
            assertThat(seen).containsAll(sent);
        });
    }

    private void awaitMembers(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(KafkaClients.get(broker.admin()
                                        .describeConsumerGroups(List.of(group))
                                        .all())
                                .get(group)
                                .members())
                        .hasSize(count));
    }

    private static void leave(ExternalProcess python) {
        python.interrupt();
        python.awaitLine("^closed");
    }

    private ExternalProcess pythonConsumer(int number) {
        List<String> command =
                ExternalClient.KAFKA_PYTHON.script("python/consumer.py", broker.bootstrap(), group, topic);
        return keep(ExternalProcess.start("python-consumer-" + number, log("python-" + number), Map.of(), command));
    }

    private ExternalProcess pythonProducer() {
        List<String> command = ExternalClient.KAFKA_PYTHON.script(
                "python/producer.py", broker.bootstrap(), topic, "100000", "0.05", "-");
        return keep(ExternalProcess.start("python-producer", log("producer"), Map.of(), command));
    }

    private ExternalProcess keep(ExternalProcess process) {
        started.add(process);
        return process;
    }

    private Path log(String name) {
        return Path.of(System.getProperty("acceptance.target"), "client-logs", group + "-" + name + ".log");
    }
}
