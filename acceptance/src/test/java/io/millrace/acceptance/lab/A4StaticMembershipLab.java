package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.MemberDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A4: a member with group.instance.id that is killed and comes back in time keeps its partitions; later, the others take them. */
@Lab
final class A4StaticMembershipLab {
    private static final int SESSION_TIMEOUT_MS = 6_000;

    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("a4-group");
    private final List<ExternalProcess> started = new ArrayList<>();

    A4StaticMembershipLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("a4", 3);
    }

    @AfterEach
    void stopMembers() {
        started.forEach(ExternalProcess::close);
    }

    @Test
    void aRestartInTimeChangesNothingAndALateOneRebalances() {
        ExternalProcess first = member("1");
        first.awaitLine("partitions_assigned");
        ExternalProcess second = member("2");
        second.awaitLine("partitions_assigned");
        awaitSharesOf(Map.of("1", 2, "2", 1));
        Map<String, MemberDescription> before = members();
        int bookmark = first.lines().size();

        second.kill();
        ExternalProcess returned = member("2");
        returned.awaitLine("partitions_assigned");

        Map<String, MemberDescription> after = members();
        assertThat(after.get("2").assignment()).isEqualTo(before.get("2").assignment());
        assertThat(after.get("2").consumerId())
                .as("a new member id replaces the old")
                .isNotEqualTo(before.get("2").consumerId());
        assertThat(after.get("1")).isEqualTo(before.get("1"));
        assertThat(first.linesFrom(bookmark)).noneMatch(line -> line.contains("partitions_"));
        assertThat(describedOwners())
                .contains(after.get("1").consumerId(), after.get("2").consumerId());

        returned.kill();

        first.awaitLineFrom(bookmark, "partitions_assigned");
        awaitSharesOf(Map.of("1", 3));
        assertThat(describedOwners())
                .contains(members().get("1").consumerId())
                .doesNotContain(after.get("2").consumerId());
    }

    private ExternalProcess member(String instanceId) {
        List<String> command = new ArrayList<>(broker.distribution().tool("kafka-verifiable-consumer"));
        command.addAll(List.of(
                "--bootstrap-server",
                broker.bootstrap(),
                "--topic",
                topic,
                "--group-id",
                group,
                "--group-instance-id",
                instanceId,
                "--session-timeout",
                Integer.toString(SESSION_TIMEOUT_MS),
                "--assignment-strategy",
                "org.apache.kafka.clients.consumer.RangeAssignor"));
        Path log = Path.of(System.getProperty("acceptance.target"), "client-logs", group + "-" + instanceId + ".log");
        ExternalProcess process = ExternalProcess.start(
                "static member " + instanceId, log, broker.distribution().toolEnvironment(), command);
        started.add(process);
        return process;
    }

    private Map<String, MemberDescription> members() {
        return KafkaClients.get(
                        broker.admin().describeConsumerGroups(List.of(group)).all())
                .get(group)
                .members()
                .stream()
                .collect(Collectors.toMap(member -> member.groupInstanceId().orElseThrow(), Function.identity()));
    }

    private void awaitSharesOf(Map<String, Integer> shares) {
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(40))
                .untilAsserted(() -> {
                    Map<String, Integer> actual = members().entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey,
                                    member -> member.getValue()
                                            .assignment()
                                            .topicPartitions()
                                            .size()));
                    assertThat(actual).isEqualTo(shares);
                });
    }

    /** The CONSUMER-ID column of {@code kafka-consumer-groups --describe}. */
    private String describedOwners() {
        return broker.tool("kafka-consumer-groups", "--describe", "--group", group).succeeded().lines().stream()
                .filter(Pattern.compile("^" + Pattern.quote(group)).asPredicate())
                .collect(Collectors.joining("\n"));
    }
}
