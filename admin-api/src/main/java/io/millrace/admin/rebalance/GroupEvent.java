package io.millrace.admin.rebalance;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a group: an event of the journal ({@code docs/group-journal.md}), or a difference between two looks at the
 * group. Which fields are there depends on {@code type}. Partitions are {@code topic-partition}.
 *
 * @param id unique in the cluster
 * @param protocol classic or consumer
 * @param generation generation or group epoch that was current
 */
record GroupEvent(
        String id,
        Type type,
        String groupId,
        String protocol,
        Instant at,
        int generation,
        @Nullable Member member,
        @Nullable String memberId,
        @Nullable String oldMemberId,
        @Nullable String instanceId,

        @Schema(
                description =
                        "LEFT, SESSION_EXPIRED, MISSED_JOIN, MISSED_SYNC, OVER_CAPACITY, …; UNKNOWN where nobody told")
        @Nullable
        String departure,

        @Schema(
                description =
                        "MEMBER_JOINED, MEMBER_LEFT, SESSION_EXPIRED, PARTITIONS_CHANGED, SUBSCRIPTION_CHANGED, …; UNKNOWN where nobody told")
        @Nullable
        String cause,

        @Schema(description = "the client's own words, or the sentence of the coordinator's log") @Nullable
        String reason,

        @Nullable String operation,
        @Nullable Integer members,
        @Nullable String leaderId,
        @Nullable String assignor,
        @Nullable String lastToJoin,
        @Nullable Integer joinMs,
        @Nullable Integer durationMs,
        @Nullable Map<String, List<String>> partitions,
        @Nullable Map<String, List<String>> revoked,

        @Schema(description = "how long a partition had no owner, as far as that is known") @Nullable
        Map<String, Integer> standstillMs,

        @Nullable List<String> owned,
        @Nullable List<String> topics,
        @Nullable List<String> topicsBefore,
        @Nullable String topic,
        @Nullable Integer partitionsBefore,
        @Nullable Integer partitionsAfter) {

    static final String UNKNOWN = "UNKNOWN";
    /** Of an assignment that was there when somebody began to look: it is no rebalance. */
    static final String FIRST_LOOK = "FIRST_LOOK";

    /** What happened; OTHER is an event of a later version of the journal. */
    enum Type {
        MEMBER_JOINED,
        MEMBER_LEFT,
        STATIC_MEMBER_REPLACED,
        MEMBER_FENCED,
        SUBSCRIPTION_CHANGED,
        PARTITIONS_CHANGED,
        REBALANCE_STARTED,
        GENERATION_BEGUN,
        ASSIGNED,
        OTHER
    }

    /**
     * Who a member is.
     *
     * @param sessionTimeoutMs absent where the member does not choose it
     * @param rebalanceTimeoutMs {@code max.poll.interval.ms} of a Java consumer
     */
    record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            @Nullable Integer sessionTimeoutMs,
            @Nullable Integer rebalanceTimeoutMs) {

        /** The same for a process that comes back: its instance id, or its client id and host. */
        String identity() {
            return instanceId != null ? "instance " + instanceId : clientId + " " + clientHost;
        }

        /** How people call it. */
        String name() {
            return instanceId != null ? instanceId : clientId.isEmpty() ? memberId : clientId;
        }
    }

    boolean is(Type wanted) {
        return type == wanted;
    }

    GroupEvent withCause(String newCause) {
        return new GroupEvent(
                id,
                type,
                groupId,
                protocol,
                at,
                generation,
                member,
                memberId,
                oldMemberId,
                instanceId,
                departure,
                newCause,
                reason,
                operation,
                members,
                leaderId,
                assignor,
                lastToJoin,
                joinMs,
                durationMs,
                partitions,
                revoked,
                standstillMs,
                owned,
                topics,
                topicsBefore,
                topic,
                partitionsBefore,
                partitionsAfter);
    }

    /** The reason, empty if there is none. */
    String words() {
        return reason == null ? "" : reason;
    }
}
