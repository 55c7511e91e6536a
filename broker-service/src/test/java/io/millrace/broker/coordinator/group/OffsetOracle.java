package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.Errors;

/** What may be committed of the group {@code g}: offsets only grow here, so one that was acknowledged never goes back. */
final class OffsetOracle {
    private static final String GROUP = "g";

    private final GroupBench bench;
    private final Map<String, TreeSet<Long>> possible = new HashMap<>();
    private long nextOffset = 1;

    OffsetOracle(GroupBench bench) {
        this.bench = bench;
    }

    /** Commits the next offset; {@code sender} has who commits. */
    void commit(
            String client,
            OffsetCommitRequestData sender,
            String topic,
            Uuid topicId,
            int partition,
            Consumer<Errors> outcome) {
        long offset = nextOffset++;
        var request = sender.setGroupId(GROUP)
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(topic)
                        .setTopicId(topicId)
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)))));
        var offsets = possible.computeIfAbsent(topic + "-" + partition, name -> new TreeSet<>());
        offsets.add(offset);
        var _ = bench.coordinator
                .commitOffsets(GroupBench.client(client, 9), request)
                .thenAccept(response -> {
                    Errors error = Errors.forCode(
                            response.topics().getFirst().partitions().getFirst().errorCode());
                    if (error == Errors.NONE) {
                        // From here on the offset never goes back, though a later one may or may not have been taken.
                        offsets.headSet(offset).clear();
                    } else if (error != Errors.NOT_COORDINATOR && error != Errors.COORDINATOR_NOT_AVAILABLE) {
                        offsets.remove(offset);
                    }
                    outcome.accept(error);
                });
    }

    /** Fetches everything and compares, when the answer comes, with what was possible when it was asked for. */
    void fetch() {
        var request = new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(GROUP)
                        .setTopics(null)));
        Map<String, TreeSet<Long>> then = new HashMap<>();
        possible.forEach((name, offsets) -> then.put(name, new TreeSet<>(offsets)));
        var _ = bench.coordinator
                .fetchOffsets(GroupBench.client("", 9), request)
                .thenAccept(response -> {
                    var group = response.groups().getFirst();
                    if (group.errorCode() == 0) {
                        group.topics()
                                .forEach(topic -> topic.partitions()
                                        .forEach(partition -> assertThat(
                                                        then.get(topic.name() + "-" + partition.partitionIndex()))
                                                .as("offset of a commit that was or may have been taken")
                                                .contains(partition.committedOffset())));
                    }
                });
    }
}
