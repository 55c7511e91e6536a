package io.millrace.broker.coordinator.group;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.broker.coordinator.group.journal.GroupEvent;
import io.millrace.broker.coordinator.group.journal.GroupEventJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.LoggerFactory;

/**
 * Interpreter of scenario scripts: every command is sent to a coordinator on simulated time, and what comes of it (replies, log lines) is
 * written beneath it. Member ids appear as the name of the client that got them, {@code a'} being the second that {@code a} got.
 *
 * <pre>
 * config KEY=VALUE                      before the first command
 * join C [group= v= instance= member= protocols=range,x topics=t,u owns=t-0 raw=BYTES session= rebalance= type= reason=]
 * sync C [X=ASSIGNMENT ...]             assignments as text; generation= member= protocol= group= v=
 * heartbeat C [patient] | hurry C        a patient one may wait for news
 * leave C [instance= reason= v=] | commit C TOPIC-P=OFFSET [generation= member= instance= metadata= v=]
 * fetch GROUP [member= epoch=] TOPIC-P ... | delete-offsets GROUP TOPIC-P ... | describe GROUP | list [STATE] | delete GROUP
 * topic NAME PARTITIONS                0 removes it
 * beat C [epoch= owns=t-0,t-1|- topics=t,u|none regex= assignor= instance= member= rack= rebalance= group= v=] | describe-consumer GROUP
 * failover [- KEY=VALUE ...]            the next coordinator, with other settings
 * wait MS | hold | release | refuse ERROR | fail-waiting ERROR | records | journal
 * </pre>
 */
final class GroupScenario {
    private static final String DEFAULT_GROUP = "g";

    /** What a client remembers. */
    private static final class Client {
        String memberId = "";
        String instanceId;
        String group = DEFAULT_GROUP;
        int generation = -1;
        String protocol = "range";
        String protocolType = "consumer";
        Map<String, byte[]> protocols = Map.of();
    }

    private final Map<String, String> config = new HashMap<>();
    private final Map<String, Client> clients = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private final List<String> output = new ArrayList<>();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final ConsumerScenario consumers = new ConsumerScenario();
    private GroupBench bench;

    String run(String script) {
        var logger = (Logger) LoggerFactory.getLogger("io.millrace.broker.coordinator");
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
        logged.start();
        logger.addAppender(logged);
        try {
            for (String line : script.lines().toList()) {
                if (line.startsWith("    ")) {
                    continue;
                }
                output.add(line);
                if (!line.isBlank() && !line.startsWith("#")) {
                    execute(line.split(" +"));
                }
            }
        } finally {
            logger.detachAppender(logged);
        }
        return String.join("\n", output) + "\n";
    }

    private GroupBench bench() {
        if (bench == null) {
            bench = new GroupBench(1, GroupBench.configWith(config));
        }
        return bench;
    }

    private void execute(String[] words) {
        if (words[0].equals("config")) {
            String[] pair = words[1].split("=", 2);
            config.put(pair[0], pair[1]);
            return;
        }
        var arguments = new Arguments(words);
        switch (words[0]) {
            case "join" -> join(words[1], arguments);
            case "sync" -> sync(words[1], arguments);
            case "heartbeat" -> heartbeat(words[1], arguments);
            case "hurry" ->
                bench().coordinator
                        .hurryHeartbeat(new HeartbeatRequestData()
                                .setGroupId(clients.get(words[1]).group)
                                .setMemberId(clients.get(words[1]).memberId));
            case "leave" -> leave(words[1], arguments);
            case "commit" -> commit(words[1], arguments);
            case "fetch" -> fetch(words[1], arguments);
            case "delete-offsets" -> deleteOffsets(words[1], arguments);
            case "describe" -> describe(words[1], arguments);
            case "list" -> list(words);
            case "delete" -> delete(words[1]);
            case "topic" -> topic(words[1], Integer.parseInt(words[2]));
            case "beat" -> beat(words[1], arguments);
            case "describe-consumer" ->
                reply(
                        words[1],
                        bench().coordinator
                                .consumerGroupDescribe(GroupBench.client("", 1), ConsumerScenario.describe(words[1])),
                        ConsumerScenario::described);
            case "wait" -> bench().simulation.advance(Long.parseLong(words[1]));
            case "hold" -> bench().log.holdHighWatermark();
            case "release" -> bench().log.releaseHighWatermark();
            case "refuse" -> bench().log.failNextAppend(Errors.valueOf(words[1]));
            case "fail-waiting" -> bench().log.failWaiting(Errors.valueOf(words[1]));
            case "failover" -> {
                arguments.named.forEach(config::put);
                bench().failOver(GroupBench.configWith(config));
            }
            case "records" -> records();
            case "journal" -> journal();
            default -> throw new IllegalArgumentException("no such command: " + words[0]);
        }
        bench().simulation.settle();
        drainLog();
    }

    private record Arguments(Map<String, String> named, List<String> plain) {
        Arguments(String[] words) {
            this(new LinkedHashMap<>(), new ArrayList<>());
            for (int i = 2; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals > 0) {
                    named.put(words[i].substring(0, equals), words[i].substring(equals + 1));
                } else {
                    plain.add(words[i]);
                }
            }
        }

        String text(String name, String fallback) {
            return named.getOrDefault(name, fallback);
        }

        int number(String name, int fallback) {
            return Integer.parseInt(named.getOrDefault(name, Integer.toString(fallback)));
        }
    }

    // --- requests ---

    private void topic(String name, int partitions) {
        if (partitions == 0) {
            bench().image.remove(name);
        } else {
            bench().image.add(name, partitions);
        }
    }

    private void beat(String name, Arguments arguments) {
        reply(
                name,
                bench().coordinator
                        .consumerGroupHeartbeat(
                                GroupBench.client(name, arguments.number("v", 1)),
                                consumers.beat(bench(), DEFAULT_GROUP, name, arguments.named())),
                response -> consumers.beaten(bench(), name, response));
    }

    private void join(String name, Arguments arguments) {
        Client client = clients.computeIfAbsent(name, key -> new Client());
        client.group = arguments.text("group", client.group);
        client.instanceId = arguments.text("instance", client.instanceId);
        client.memberId = member(arguments, client);
        client.protocolType = arguments.text("type", client.protocolType);
        if (client.protocols.isEmpty()
                || arguments.named.containsKey("protocols")
                || arguments.named.containsKey("topics")
                || arguments.named.containsKey("raw")
                || arguments.named.containsKey("owns")) {
            byte[] metadata = arguments.named.containsKey("raw")
                    ? arguments.text("raw", "").getBytes(StandardCharsets.UTF_8)
                    : subscription(arguments.text("topics", "t"), arguments.text("owns", "-"));
            client.protocols = Arrays.stream(
                            arguments.text("protocols", "range").split(","))
                    .collect(Collectors.toMap(
                            Function.identity(), key -> metadata, (one, other) -> one, LinkedHashMap::new));
        }
        var request = new JoinGroupRequestData()
                .setGroupId(client.group)
                .setMemberId(client.memberId)
                .setGroupInstanceId(client.instanceId)
                .setSessionTimeoutMs(arguments.number("session", 10_000))
                .setRebalanceTimeoutMs(arguments.number("rebalance", 60_000))
                .setProtocolType(client.protocolType)
                .setProtocols(GroupBench.protocols(client.protocols))
                .setReason(arguments.named.get("reason"));
        reply(
                name,
                bench().coordinator.joinGroup(GroupBench.client(name, arguments.number("v", 9)), request),
                response -> joined(name, client, response));
    }

    private String joined(String name, Client client, JoinGroupResponseData response) {
        Errors error = Errors.forCode(response.errorCode());
        if (!response.memberId().isEmpty() && !aliases.containsKey(response.memberId())) {
            String alias = name;
            while (aliases.containsValue(alias)) {
                alias += "'";
            }
            aliases.put(response.memberId(), alias);
        }
        if (error == Errors.NONE || error == Errors.MEMBER_ID_REQUIRED) {
            client.memberId = response.memberId();
            client.generation = response.generationId();
        }
        if (error != Errors.NONE) {
            return error.name();
        }
        client.protocol = response.protocolName();
        return "joined generation " + response.generationId() + " protocol=" + response.protocolName() + " leader="
                + response.leader()
                + (response.members().isEmpty()
                        ? ""
                        : " members="
                                + response.members().stream()
                                        .map(JoinGroupResponseData.JoinGroupResponseMember::memberId)
                                        .toList())
                + (response.skipAssignment() ? " skipAssignment" : "");
    }

    private void sync(String name, Arguments arguments) {
        Client client = clients.get(name);
        var request = new SyncGroupRequestData()
                .setGroupId(arguments.text("group", client.group))
                .setMemberId(member(arguments, client))
                .setGroupInstanceId(client.instanceId)
                .setGenerationId(arguments.number("generation", client.generation))
                .setProtocolType(client.protocolType)
                .setProtocolName(arguments.text("protocol", client.protocol));
        arguments.named.forEach((member, assignment) -> {
            if (clients.containsKey(member)) {
                request.assignments()
                        .add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                                .setMemberId(clients.get(member).memberId)
                                .setAssignment(assignment(assignment)));
            }
        });
        reply(
                name,
                bench().coordinator.syncGroup(GroupBench.client(name, arguments.number("v", 5)), request),
                GroupScenario::synced);
    }

    /** Partitions as consumers write them, anything else as text. */
    private static byte[] assignment(String text) {
        if (!text.contains("-")) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        var partitions = Arrays.stream(text.split(","))
                .map(name -> new TopicPartition(topic(name), partition(name)))
                .toList();
        return EmbeddedProtocol.assignment(partitions, subscription("t", "-"));
    }

    private static String synced(SyncGroupResponseData response) {
        Errors error = Errors.forCode(response.errorCode());
        if (error != Errors.NONE) {
            return error.name();
        }
        byte[] assignment = response.assignment();
        boolean text = assignment.length == 0 || assignment[0] != 0;
        return "synced "
                + (text
                        ? "'" + new String(assignment, StandardCharsets.UTF_8) + "'"
                        : EmbeddedProtocol.partitionNamesOf(assignment));
    }

    private void heartbeat(String name, Arguments arguments) {
        Client client = clients.get(name);
        var request = new HeartbeatRequestData()
                .setGroupId(arguments.text("group", client.group))
                .setMemberId(member(arguments, client))
                .setGroupInstanceId(arguments.text("instance", client.instanceId))
                .setGenerationId(arguments.number("generation", client.generation));
        reply(
                name,
                bench().coordinator.heartbeat(GroupBench.client(name, 4), request, arguments.plain.contains("patient")),
                response -> Errors.forCode(response.errorCode()).name());
    }

    private void leave(String name, Arguments arguments) {
        Client client = clients.get(name);
        int version = arguments.number("v", 5);
        var request = new LeaveGroupRequestData()
                .setGroupId(arguments.text("group", client == null ? DEFAULT_GROUP : client.group));
        if (version < 3) {
            request.setMemberId(client.memberId);
        } else {
            boolean byInstance = arguments.named.containsKey("instance");
            request.members()
                    .add(new LeaveGroupRequestData.MemberIdentity()
                            .setMemberId(byInstance ? "" : member(arguments, client))
                            .setGroupInstanceId(byInstance ? arguments.named.get("instance") : client.instanceId)
                            .setReason(arguments.named.get("reason")));
        }
        reply(
                name,
                bench().coordinator.leaveGroup(GroupBench.client(name, version), request),
                response -> Errors.forCode(response.errorCode()).name()
                        + response.members().stream()
                                .map(member -> " " + member.memberId() + ":"
                                        + Errors.forCode(member.errorCode()).name())
                                .collect(Collectors.joining()));
    }

    private void commit(String name, Arguments arguments) {
        Client client = clients.computeIfAbsent(name, key -> new Client());
        client.group = arguments.text("group", client.group);
        var request = new OffsetCommitRequestData()
                .setGroupId(client.group)
                .setMemberId(member(arguments, client))
                .setGroupInstanceId(arguments.text("instance", client.instanceId))
                .setGenerationIdOrMemberEpoch(arguments.number("generation", client.generation));
        arguments.named.forEach((key, value) -> {
            if (key.contains("-")) {
                request.topics()
                        .add(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                                .setName(topic(key))
                                .setTopicId(topicId(topic(key)))
                                .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                        .setPartitionIndex(partition(key))
                                        .setCommittedOffset(Long.parseLong(value))
                                        .setCommittedMetadata(arguments.text("metadata", "")))));
            }
        });
        reply(
                name,
                bench().coordinator.commitOffsets(GroupBench.client(name, arguments.number("v", 9)), request),
                response -> response.topics().stream()
                        .flatMap(topic -> topic.partitions().stream()
                                .map(partition -> topic.name() + "-" + partition.partitionIndex() + ":"
                                        + Errors.forCode(partition.errorCode()).name()))
                        .collect(Collectors.joining(" ")));
    }

    private void fetch(String group, Arguments arguments) {
        String memberId = arguments.named.get("member");
        var asked = new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId(group)
                .setMemberId(memberId == null ? null : withAlias(memberId))
                .setMemberEpoch(arguments.number("epoch", -1));
        asked.setTopics(
                arguments.plain.isEmpty()
                        ? null
                        : arguments.plain.stream()
                                .map(key -> new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                        .setName(topic(key))
                                        .setPartitionIndexes(List.of(partition(key))))
                                .toList());
        var request = new OffsetFetchRequestData().setGroups(List.of(asked)).setRequireStable(true);
        reply(group, bench().coordinator.fetchOffsets(GroupBench.client("", 9), request), response -> {
            var answer = response.groups().getFirst();
            return Errors.forCode(answer.errorCode()).name()
                    + answer.topics().stream()
                            .flatMap(topic -> topic.partitions().stream()
                                    .map(partition -> " " + topic.name() + "-" + partition.partitionIndex() + "="
                                            + partition.committedOffset()
                                            + (partition.metadata().isEmpty() ? "" : "'" + partition.metadata() + "'")))
                            .sorted()
                            .collect(Collectors.joining());
        });
    }

    private void deleteOffsets(String group, Arguments arguments) {
        var request = new OffsetDeleteRequestData().setGroupId(group);
        for (String key : arguments.plain) {
            request.topics()
                    .add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic()
                            .setName(topic(key))
                            .setPartitions(List.of(new OffsetDeleteRequestData.OffsetDeleteRequestPartition()
                                    .setPartitionIndex(partition(key)))));
        }
        reply(
                group,
                bench().coordinator.deleteOffsets(GroupBench.client("", 0), request),
                response -> Errors.forCode(response.errorCode()).name()
                        + response.topics().stream()
                                .flatMap(topic -> topic.partitions().stream()
                                        .map(partition -> " " + topic.name() + "-" + partition.partitionIndex() + ":"
                                                + Errors.forCode(partition.errorCode())
                                                        .name()))
                                .collect(Collectors.joining()));
    }

    private void describe(String group, Arguments arguments) {
        var request = new DescribeGroupsRequestData().setGroups(List.of(group));
        reply(
                group,
                bench().coordinator.describeGroups(GroupBench.client("", arguments.number("v", 6)), request),
                response -> {
                    var described = response.groups().getFirst();
                    return Errors.forCode(described.errorCode()).name() + " " + described.groupState() + " type='"
                            + described.protocolType() + "' protocol='" + described.protocolData() + "'"
                            + described.members().stream()
                                    .map(member -> " "
                                            + member.memberId()
                                            + (member.groupInstanceId() == null ? "" : "/" + member.groupInstanceId())
                                            + "='"
                                            + new String(member.memberAssignment(), StandardCharsets.UTF_8) + "'")
                                    .collect(Collectors.joining());
                });
    }

    private void list(String[] words) {
        var request = new ListGroupsRequestData();
        if (words.length > 1) {
            request.setStatesFilter(List.of(words[1]));
        }
        reply(
                "list",
                bench().coordinator.listGroups(GroupBench.client("", 5), request),
                response -> Errors.forCode(response.errorCode()).name()
                        + response.groups().stream()
                                .map(group -> " " + group.groupId() + "(" + group.protocolType() + ","
                                        + group.groupState() + "," + group.groupType() + ")")
                                .sorted()
                                .collect(Collectors.joining()));
    }

    private void delete(String group) {
        reply(
                group,
                bench().coordinator
                        .deleteGroups(
                                GroupBench.client("", 2), new DeleteGroupsRequestData().setGroupsNames(List.of(group))),
                response -> response.results().stream()
                        .map(result -> Errors.forCode(result.errorCode()).name())
                        .collect(Collectors.joining(" ")));
    }

    private void journal() {
        var json = new GroupEventJson();
        bench().events.stream()
                .filter(GroupEvent.class::isInstance)
                .map(event -> json.write((GroupEvent) event))
                .forEach(written -> output.add("    " + named(new String(written, StandardCharsets.UTF_8))));
        bench().events.clear();
    }

    private void records() {
        bench().log.records().forEach(record -> {
            var decoded = GroupRecords.CODEC.decode(record.key(), record.hasValue() ? record.value() : null);
            String value = decoded.value() == null ? "tombstone" : "v" + decoded.valueVersion();
            output.add("    " + record.offset() + " " + named(decoded.key().toString()) + " " + value);
        });
    }

    // --- names and output ---

    private String member(Arguments arguments, Client client) {
        String given = arguments.named.get("member");
        if (given == null) {
            return client.memberId;
        }
        return given.equals("-") ? "" : withAlias(given);
    }

    private String withAlias(String given) {
        return aliases.entrySet().stream()
                .filter(entry -> entry.getValue().equals(given))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(given);
    }

    private static String topic(String topicPartition) {
        return topicPartition.substring(0, topicPartition.lastIndexOf('-'));
    }

    private Uuid topicId(String name) {
        var topic = bench().image.topic(name);
        return topic == null ? Uuid.ZERO_UUID : topic.id();
    }

    private static int partition(String topicPartition) {
        return Integer.parseInt(topicPartition.substring(topicPartition.lastIndexOf('-') + 1));
    }

    private static byte[] subscription(String topics, String owns) {
        List<TopicPartition> owned = Arrays.stream(owns.split(","))
                .filter(name -> !name.equals("-"))
                .map(name -> new TopicPartition(topic(name), partition(name)))
                .toList();
        var buffer = ConsumerProtocol.serializeSubscription(new Subscription(List.of(topics.split(",")), null, owned));
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private <T> void reply(String who, CompletableFuture<T> future, Function<T, String> show) {
        var unused = future.thenAccept(response -> {
            String shown = show.apply(response);
            drainLog();
            output.add("    " + who + " <- " + named(shown));
        });
    }

    /** Log lines that belong before the next reply. */
    private void drainLog() {
        var events = List.copyOf(logged.list);
        logged.list.clear();
        events.forEach(event -> output.add("    log " + named(event.getFormattedMessage())));
    }

    private String named(String text) {
        String named = text;
        for (var alias : aliases.entrySet()) {
            named = named.replace(alias.getKey(), alias.getValue());
        }
        // Ids that no client has learned yet still differ from run to run only in their random part.
        return named.replaceAll("-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "-ID");
    }
}
