package io.millrace.acceptance.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.ExternalClient;
import io.millrace.acceptance.process.CommandResult;
import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * librdkafka in the consumer protocol, as kcat: the library of Debian's kcat is too old for it, so that a newer one is built by
 * {@code src/test/librdkafka/build DIR} and this is run by name, {@code -Dit.test=LibrdkafkaConsumerProtocol -Dlibrdkafka=DIR}.
 */
@Lab
final class LibrdkafkaConsumerProtocol {
    private static final int PARTITIONS = 6;
    private static final Pattern PARTITION = Pattern.compile("\\[(\\d+)]");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final BrokerUnderTest broker;
    private final Map<String, String> environment;
    private final String group = BrokerUnderTest.freshName("rdkafka");
    private final List<ExternalProcess> members = new ArrayList<>();
    private String topic;

    LibrdkafkaConsumerProtocol(BrokerUnderTest broker) {
        this.broker = broker;
        String directory = System.getProperty("librdkafka");
        if (directory == null || !Files.exists(Path.of(directory, "librdkafka.so.1"))) {
            throw new AssertionError("-Dlibrdkafka=" + directory
                    + " has no librdkafka.so.1; acceptance/src/test/librdkafka/build DIR makes one");
        }
        this.environment = Map.of("LD_LIBRARY_PATH", directory);
    }

    @BeforeEach
    void topic() {
        ExternalClient.KCAT.require();
        topic = broker.newTopic("rdkafka", PARTITIONS);
    }

    @AfterEach
    void stopEverybody() {
        members.forEach(ExternalProcess::close);
    }

    private ExternalProcess member(String name, String... more) {
        var arguments = new ArrayList<>(List.of(
                "-b",
                broker.bootstrap(),
                "-G",
                group,
                "-X",
                "group.protocol=consumer",
                "-X",
                "auto.offset.reset=earliest",
                "-u"));
        arguments.addAll(List.of(more));
        arguments.add(topic);
        Path log = Path.of(System.getProperty("acceptance.target"), "client-logs", group + "-" + name + ".log");
        ExternalProcess member = ExternalProcess.start(name, log, environment, ExternalClient.KCAT.command(arguments));
        members.add(member);
        return member;
    }

    private void produce(int from, int toExclusive) {
        String lines = IntStream.range(from, toExclusive)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("\n", "", "\n"));
        CommandResult.run(
                        environment,
                        lines,
                        ExternalClient.KCAT.command(List.of("-b", broker.bootstrap(), "-P", "-t", topic)))
                .succeeded();
    }

    /** What it owns, by what it has told of its rebalances. */
    private static Set<Integer> owned(ExternalProcess member) {
        var owned = new TreeSet<Integer>();
        for (String line : member.linesMatching("rebalanced: incremental")) {
            Set<Integer> named = PARTITION
                    .matcher(line)
                    .results()
                    .map(match -> Integer.parseInt(match.group(1)))
                    .collect(Collectors.toSet());
            if (line.contains("incremental assignment")) {
                owned.addAll(named);
            } else {
                owned.removeAll(named);
            }
        }
        return owned;
    }

    private static void awaitOwned(Duration limit, ExternalProcess... members) {
        int share = PARTITIONS / members.length;
        Awaitility.await().atMost(limit).untilAsserted(() -> {
            var all = new HashSet<Integer>();
            for (ExternalProcess member : members) {
                assertThat(owned(member)).as(member.describe()).hasSize(share);
                all.addAll(owned(member));
            }
            assertThat(all).hasSize(PARTITIONS);
        });
    }

    private static List<Integer> read(ExternalProcess... members) {
        var values = new ArrayList<Integer>();
        for (ExternalProcess member : members) {
            member.linesMatching("^\\d+$").forEach(line -> values.add(Integer.parseInt(line)));
        }
        return values;
    }

    private static void awaitRead(int toExclusive, ExternalProcess... members) {
        Awaitility.await()
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(read(members))
                        .as("each record once")
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.range(0, toExclusive).boxed().toList()));
    }

    @Test
    void membersComeLeaveAndDieAndWhatIsCommittedIsNotReadAgain() {
        produce(0, 60);
        ExternalProcess one = member("one");
        awaitOwned(LIMIT, one);
        awaitRead(60, one);

        ExternalProcess two = member("two");
        awaitOwned(LIMIT, one, two);
        produce(60, 120);
        awaitRead(120, one, two);

        two.terminate();
        assertThat(two.awaitExit(LIMIT)).as(two.describe()).isZero();
        awaitOwned(LIMIT, one);

        ExternalProcess three = member("three");
        awaitOwned(LIMIT, one, three);
        three.kill();
        // It is noticed when its session ends.
        awaitOwned(Duration.ofSeconds(75), one);

        one.terminate();
        assertThat(one.awaitExit(LIMIT)).as(one.describe()).isZero();
        produce(120, 150);
        ExternalProcess next = member("next", "-c", "30");
        assertThat(next.awaitExit(LIMIT)).as(next.describe()).isZero();
        assertThat(read(next))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(120, 150).boxed().toList());
    }

    @Test
    void aStaticMemberComesBackToWhatItHad() {
        ExternalProcess one = member("static-one", "-X", "group.instance.id=one");
        ExternalProcess two = member("static-two", "-X", "group.instance.id=two");
        awaitOwned(LIMIT, one, two);
        Set<Integer> had = owned(two);
        two.terminate();
        assertThat(two.awaitExit(LIMIT)).as(two.describe()).isZero();

        ExternalProcess again = member("static-two-again", "-X", "group.instance.id=two");
        awaitOwned(LIMIT, one, again);
        assertThat(owned(again)).isEqualTo(had);
        assertThat(one.linesMatching("incremental revoke"))
                .as("nobody else is disturbed")
                .hasSizeLessThanOrEqualTo(1);
    }
}
