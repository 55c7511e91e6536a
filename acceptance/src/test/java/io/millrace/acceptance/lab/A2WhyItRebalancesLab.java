package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.KnownDifference;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A2: an afternoon of a group, and the journal that tells it event by event, each cause told apart. */
@Lab
final class A2WhyItRebalancesLab {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String JOURNAL = "__group_journal";

    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("a2-group");

    A2WhyItRebalancesLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("a2", 2);
    }

    /** A member that polls in a thread of its own, until it is told to stall or to end. */
    private final class Member implements AutoCloseable {
        private final KafkaConsumer<String, String> consumer;
        private final Thread thread = Thread.ofPlatform().unstarted(this::run);
        private volatile CountDownLatch stall = new CountDownLatch(0);
        private volatile GroupMembershipOperation farewell = GroupMembershipOperation.DEFAULT;
        private volatile boolean ending;

        Member(String name, Map<String, String> settings) {
            Map<String, String> all = new HashMap<>(settings);
            all.putIfAbsent("client.id", name);
            if (!settings.containsKey("group.protocol")) {
                all.put("heartbeat.interval.ms", "200");
                all.put("session.timeout.ms", "6000");
                all.put("metadata.max.age.ms", "1000");
            }
            consumer = broker.clients().consumer(group, all);
            thread.start();
        }

        private void run() {
            consumer.subscribe(List.of(topic));
            try {
                while (!ending) {
                    consumer.poll(Duration.ofMillis(50));
                    stall.await();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                consumer.close(CloseOptions.groupMembershipOperation(farewell));
            }
        }

        /** As a process that is killed: nobody is told. */
        void dieSilently() throws InterruptedException {
            farewell = GroupMembershipOperation.REMAIN_IN_GROUP;
            close();
        }

        void stallUntil(CountDownLatch end) {
            stall = end;
        }

        @Override
        public void close() throws InterruptedException {
            ending = true;
            thread.join();
        }
    }

    @Test
    void anAfternoonReadsAsATimeline() throws Exception {
        KnownDifference.GROUP_JOURNAL.millraceOnly();
        List<String> expected = new ArrayList<>();

        Member one = new Member("one", Map.of());
        reads(expected, "joined one", "rebalance MEMBER_JOINED", "generation of 1", "assigned 2");

        Member slow = new Member("slow", Map.of("max.poll.interval.ms", "3000"));
        reads(expected, "joined slow", "rebalance MEMBER_JOINED", "generation of 2", "assigned 2");

        CountDownLatch polled = new CountDownLatch(1);
        slow.stallUntil(polled);
        reads(
                expected,
                "left slow LEFT (consumer poll timeout has expired.)",
                "rebalance MEMBER_LEFT",
                "generation of 1",
                "assigned 2");
        polled.countDown();
        reads(expected, "joined slow", "rebalance MEMBER_JOINED", "generation of 2", "assigned 2");
        slow.close();
        reads(
                expected,
                "left slow LEFT (the consumer is being closed)",
                "rebalance MEMBER_LEFT",
                "generation of 1",
                "assigned 2");

        Member fixed = new Member("fixed", Map.of("group.instance.id", "fixed"));
        reads(expected, "joined fixed", "rebalance MEMBER_JOINED", "generation of 2", "assigned 2");
        fixed.close();
        fixed = new Member("fixed", Map.of("group.instance.id", "fixed"));
        reads(expected, "replaced fixed");

        Member dying = new Member("dying", Map.of());
        reads(expected, "joined dying", "rebalance MEMBER_JOINED", "generation of 3", "assigned 2");
        dying.dieSilently();
        reads(expected, "left dying SESSION_EXPIRED", "rebalance SESSION_EXPIRED", "generation of 2", "assigned 2");

        KafkaClients.get(broker.admin()
                .createPartitions(Map.of(topic, NewPartitions.increaseTo(3)))
                .all());
        reads(
                expected,
                "partitions of " + topic + " 2 to 3",
                "rebalance PARTITIONS_CHANGED",
                "generation of 2",
                "assigned 3");
        one.close();
        fixed.close();
    }

    /** As above, but for the crash, whose session the broker does not let a group make short, and for reasons, which members of this protocol do not give. */
    @Test
    void anAfternoonInTheConsumerProtocolDoesToo() throws Exception {
        KnownDifference.GROUP_JOURNAL.millraceOnly();
        List<String> expected = new ArrayList<>();

        Member one = new Member("one", GroupProtocol.CONSUMER.with(Map.of()));
        reads(expected, "joined one", "rebalance MEMBER_JOINED", "assigned 2");
        Member slow = new Member("slow", GroupProtocol.CONSUMER.with(Map.of("max.poll.interval.ms", "1500")));
        reads(expected, "joined slow", "rebalance MEMBER_JOINED", "assigned 2");

        CountDownLatch polled = new CountDownLatch(1);
        slow.stallUntil(polled);
        reads(expected, "left slow LEFT", "rebalance MEMBER_LEFT", "assigned 2");
        polled.countDown();
        reads(expected, "joined slow", "rebalance MEMBER_JOINED", "assigned 2");
        slow.close();
        reads(expected, "left slow LEFT", "rebalance MEMBER_LEFT", "assigned 2");

        Map<String, String> fixedSettings = GroupProtocol.CONSUMER.with(Map.of("group.instance.id", "fixed"));
        Member fixed = new Member("fixed", fixedSettings);
        reads(expected, "joined fixed", "rebalance MEMBER_JOINED", "assigned 2");
        fixed.close();
        fixed = new Member("fixed", fixedSettings);
        reads(expected, "replaced fixed");

        KafkaClients.get(broker.admin()
                .createPartitions(Map.of(topic, NewPartitions.increaseTo(3)))
                .all());
        reads(expected, "partitions of " + topic + " 2 to 3", "rebalance PARTITIONS_CHANGED", "assigned 3");
        one.close();
        fixed.close();
    }

    /** The journal reads as all that was expected before, and then this. */
    private void reads(List<String> expected, String... more) throws Exception {
        expected.addAll(List.of(more));
        long limitNs = System.nanoTime() + LIMIT.toNanos();
        List<String> told = List.of();
        while (told.size() < expected.size() && System.nanoTime() < limitNs) {
            told = journal();
        }
        assertThat(told).isEqualTo(expected);
    }

    private List<String> journal() throws Exception {
        List<String> told = new ArrayList<>();
        if (!KafkaClients.get(broker.admin()
                        .listTopics(new ListTopicsOptions().listInternal(true))
                        .names())
                .contains(JOURNAL)) {
            return told;
        }
        try (var consumer = broker.clients().consumer(BrokerUnderTest.freshName("reader"), Map.of())) {
            List<TopicPartition> partitions = consumer.partitionsFor(JOURNAL).stream()
                    .map(info -> new TopicPartition(JOURNAL, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    if (group.equals(record.key())) {
                        told.add(line(record.value()));
                    }
                }
            }
        }
        return told;
    }

    /** An event in a few words. */
    private String line(String event) {
        String instanceId = field(event, "instanceId");
        String who = instanceId.isEmpty() ? field(event, "clientId") : instanceId;
        return switch (field(event, "type")) {
            case "MemberJoined" -> "joined " + who;
            case "MemberLeft" -> {
                String reason = field(event, "reason");
                yield "left " + who + " " + field(event, "departure") + (reason.isEmpty() ? "" : " (" + reason + ")");
            }
            case "StaticMemberReplaced" -> "replaced " + who;
            case "RebalanceStarted" -> "rebalance " + field(event, "cause");
            case "GenerationBegun" -> "generation of " + field(event, "members");
            case "Assigned" -> "assigned " + assigned(event);
            case "PartitionsChanged" ->
                "partitions of " + field(event, "topic") + " " + field(event, "before") + " to "
                        + field(event, "after");
            default -> event;
        };
    }

    /** A text or a number of the event or of the member in it; empty for null. */
    private static String field(String event, String name) {
        Matcher found =
                Pattern.compile("\"" + name + "\":(?:\"([^\"]*)\"|(\\d+))").matcher(event);
        return !found.find() ? "" : found.group(1) == null ? found.group(2) : found.group(1);
    }

    private int assigned(String event) {
        String partitions = event.substring(event.indexOf("\"partitions\":"), event.indexOf("\"revoked\":"));
        return (int) Pattern.compile("\"" + topic + "-\\d+\"")
                .matcher(partitions)
                .results()
                .count();
    }
}
