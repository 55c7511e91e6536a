package io.millrace.admin.group;

import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Every group of a cluster at one moment, by its id. Immutable. */
record GroupSnapshot(Instant asOf, Map<String, GroupState> groups, List<Warning> warnings) {

    /**
     * One group.
     *
     * @param type classic, consumer, share or streams
     * @param offsets what it committed
     */
    record GroupState(
            String groupId,
            String type,
            String state,
            String protocol,
            @Nullable String assignor,
            @Nullable Integer coordinator,
            List<Member> members,
            Map<TopicPartition, Committed> offsets) {}

    record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String host,
            List<TopicPartition> assigned) {}

    record Committed(long offset, String metadata) {}
}
