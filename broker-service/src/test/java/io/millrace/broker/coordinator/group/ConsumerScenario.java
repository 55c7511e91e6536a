package io.millrace.broker.coordinator.group;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The commands of scenario scripts for the consumer protocol; see {@link GroupScenario}. Clients name themselves. */
final class ConsumerScenario {
    /** What the answers last said. */
    private final Map<String, Integer> epochs = new HashMap<>();

    /** A heartbeat: the first in full, the others with what is given. */
    ConsumerGroupHeartbeatRequestData beat(GroupBench bench, String group, String name, Map<String, String> arguments) {
        int epoch = Integer.parseInt(
                arguments.getOrDefault("epoch", epochs.getOrDefault(name, 0).toString()));
        var request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(arguments.getOrDefault("group", group))
                .setMemberId(arguments.getOrDefault("member", name))
                .setMemberEpoch(epoch)
                .setInstanceId(arguments.get("instance"))
                .setRackId(arguments.get("rack"))
                .setServerAssignor(arguments.get("assignor"))
                .setSubscribedTopicRegex(arguments.get("regex"));
        if (epoch == 0) {
            request.setRebalanceTimeoutMs(60_000).setTopicPartitions(List.of()).setSubscribedTopicNames(List.of("t"));
        }
        if (arguments.containsKey("rebalance")) {
            request.setRebalanceTimeoutMs(Integer.parseInt(arguments.get("rebalance")));
        }
        if (arguments.containsKey("topics")) {
            String topics = arguments.get("topics");
            request.setSubscribedTopicNames(topics.equals("none") ? null : List.of(topics.split(",")));
        }
        if (arguments.containsKey("owns")) {
            request.setTopicPartitions(partitions(bench, arguments.get("owns")));
        }
        return request;
    }

    private static List<ConsumerGroupHeartbeatRequestData.TopicPartitions> partitions(GroupBench bench, String owns) {
        Map<Uuid, List<Integer>> byTopic = new TreeMap<>();
        Arrays.stream(owns.split(","))
                .filter(partition -> !partition.equals("-"))
                .forEach(partition -> {
                    int dash = partition.lastIndexOf('-');
                    byTopic.computeIfAbsent(
                                    bench.image
                                            .topic(partition.substring(0, dash))
                                            .id(),
                                    id -> new java.util.ArrayList<>())
                            .add(Integer.parseInt(partition.substring(dash + 1)));
                });
        return byTopic.entrySet().stream()
                .map(entry -> new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                        .setTopicId(entry.getKey())
                        .setPartitions(entry.getValue()))
                .toList();
    }

    String beaten(GroupBench bench, String name, ConsumerGroupHeartbeatResponseData response) {
        Errors error = Errors.forCode(response.errorCode());
        if (error != Errors.NONE) {
            return error.name() + ": " + response.errorMessage();
        }
        epochs.put(name, Math.max(0, response.memberEpoch()));
        String assignment = "";
        if (response.assignment() != null) {
            var names = new TreeSet<String>();
            response.assignment()
                    .topicPartitions()
                    .forEach(topic -> topic.partitions()
                            .forEach(number -> names.add(name(bench, topic.topicId()) + "-" + number)));
            assignment = " assigned=" + names;
        }
        return "epoch " + response.memberEpoch() + " again in " + response.heartbeatIntervalMs() + " ms" + assignment;
    }

    private static String name(GroupBench bench, Uuid topicId) {
        var topic = bench.image.topic(topicId);
        return topic == null ? "gone" : topic.name();
    }

    static ConsumerGroupDescribeRequestData describe(String group) {
        return new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group));
    }

    static String described(ConsumerGroupDescribeResponseData response) {
        var group = response.groups().getFirst();
        if (group.errorCode() != 0) {
            return Errors.forCode(group.errorCode()).name() + ": " + group.errorMessage();
        }
        return group.groupState() + " epoch=" + group.groupEpoch() + " assignment=" + group.assignmentEpoch() + " by "
                + group.assignorName()
                + group.members().stream()
                        .map(member -> " " + member.memberId() + (member.memberType() == 0 ? "(classic)" : "") + "@"
                                + member.memberEpoch() + "=" + names(member.assignment())
                                + (member.assignment().equals(member.targetAssignment())
                                        ? ""
                                        : "->" + names(member.targetAssignment())))
                        .collect(Collectors.joining());
    }

    private static TreeSet<String> names(ConsumerGroupDescribeResponseData.Assignment assignment) {
        var names = new TreeSet<String>();
        assignment
                .topicPartitions()
                .forEach(topic -> topic.partitions().forEach(number -> names.add(topic.topicName() + "-" + number)));
        return names;
    }
}
