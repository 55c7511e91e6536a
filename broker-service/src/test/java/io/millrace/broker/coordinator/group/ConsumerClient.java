package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** A process with a consumer of the consumer protocol, well-behaved except that it may stop at any time. */
final class ConsumerClient {
    private static final String GROUP = "g";

    private final GroupBench bench;
    private final SplittableRandom random;
    private int incarnations;
    final String name;
    final String instanceId;
    Set<String> topics = Set.of("t0", "t1");
    Set<String> said = Set.of();
    boolean paused;
    String memberId;
    /** The id of the life before this one. */
    String earlierId;

    int epoch;
    /** When it shall come again, as it was last told. */
    int intervalMs;

    Set<String> owned = new TreeSet<>();
    boolean ownedChanged;
    CompletableFuture<?> pending;

    ConsumerClient(GroupBench bench, SplittableRandom random, String name, String instanceId) {
        this.bench = bench;
        this.random = random;
        this.name = name;
        this.instanceId = instanceId;
        this.memberId = newId();
    }

    private String newId() {
        return name + "-" + incarnations++;
    }

    void crash() {
        earlierId = memberId;
        memberId = newId();
        startAnew();
        pending = null;
    }

    private void startAnew() {
        epoch = 0;
        owned = new TreeSet<>();
        ownedChanged = false;
        said = Set.of();
    }

    void leave() {
        if (epoch <= 0 || paused) {
            return;
        }
        var unused = bench.coordinator.consumerGroupHeartbeat(
                GroupBench.client(name, 1),
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(memberId)
                        .setInstanceId(instanceId)
                        .setMemberEpoch(instanceId != null && random.nextBoolean() ? -2 : -1));
        crash();
    }

    void proceed() {
        if (paused || (pending != null && !pending.isDone())) {
            return;
        }
        var request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setInstanceId(instanceId)
                .setMemberEpoch(epoch);
        if (epoch == 0 || !topics.equals(said)) {
            request.setSubscribedTopicNames(List.copyOf(topics));
            said = topics;
        }
        if (epoch == 0) {
            request.setRebalanceTimeoutMs(30_000).setTopicPartitions(List.of());
        } else if (ownedChanged) {
            request.setTopicPartitions(partitions());
            ownedChanged = false;
        }
        String asker = memberId;
        pending = bench.coordinator
                .consumerGroupHeartbeat(GroupBench.client(name, 1), request)
                .thenAccept(response -> {
                    if (asker.equals(memberId)) {
                        answered(response);
                    }
                });
        if (pending.isCompletedExceptionally()) {
            pending.join();
        }
    }

    private List<ConsumerGroupHeartbeatRequestData.TopicPartitions> partitions() {
        Map<Uuid, List<Integer>> byTopic = new HashMap<>();
        for (String partition : owned) {
            int dash = partition.lastIndexOf('-');
            byTopic.computeIfAbsent(Uuid.fromString(partition.substring(0, dash)), id -> new ArrayList<>())
                    .add(Integer.parseInt(partition.substring(dash + 1)));
        }
        var topics = new ArrayList<ConsumerGroupHeartbeatRequestData.TopicPartitions>();
        byTopic.forEach((id, numbers) -> topics.add(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                .setTopicId(id)
                .setPartitions(numbers)));
        return topics;
    }

    private void answered(ConsumerGroupHeartbeatResponseData response) {
        switch (Errors.forCode(response.errorCode())) {
            case NONE -> {
                assertThat(response.heartbeatIntervalMs()).isPositive();
                intervalMs = response.heartbeatIntervalMs();
                epoch = response.memberEpoch();
                if (response.assignment() != null) {
                    var assigned = new TreeSet<String>();
                    response.assignment()
                            .topicPartitions()
                            .forEach(topic -> topic.partitions()
                                    .forEach(partition -> assigned.add(topic.topicId() + "-" + partition)));
                    ownedChanged |= !assigned.equals(owned);
                    owned = assigned;
                }
            }
            case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, GROUP_ID_NOT_FOUND -> startAnew();
            case UNRELEASED_INSTANCE_ID, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS -> {
                // What was said may not have been heard.
                said = Set.of();
                ownedChanged = true;
            }
            default -> throw new AssertionError(Errors.forCode(response.errorCode()) + ": " + response.errorMessage());
        }
    }
}
