package io.millrace.admin.cluster;

import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a cluster does, in one sentence and in figures.
 *
 * @param underMinIsrPartitions which refuse producers with acks=all for now
 */
record ClusterHealth(
        String id,
        Health health,
        String sentence,

        @Schema(description = "what the sentence says, for other languages")
        Reason reason,

        @Nullable String kafkaClusterId,
        @Nullable Integer controllerId,
        int brokersOnline,
        int brokers,
        int topics,
        int partitions,
        int offlinePartitions,
        int underReplicatedPartitions,
        int underMinIsrPartitions,
        long sizeBytes,
        Instant asOf,
        List<Warning> warnings) {

    /** HEALTHY, DEGRADED (everything can be read, but with less safety than wished), or FAILING (something is not served). */
    enum Health {
        HEALTHY,
        DEGRADED,
        FAILING
    }

    /** The first of these that is so. */
    enum Reason {
        NO_ANSWER,
        STALE,
        PARTITIONS_OFFLINE,
        BROKERS_DOWN,
        UNDER_REPLICATED,
        NO_TOPICS,
        ALL_WELL
    }

    static ClusterHealth noAnswer(String id, String bootstrapServers, ApiException failure) {
        String sentence = "No broker answers at " + bootstrapServers + ".";
        List<Warning> warnings = List.of(new Warning(null, failure.code(), failure.detail()));
        Instant now = Instant.now();
        return new ClusterHealth(
                id, Health.FAILING, sentence, Reason.NO_ANSWER, null, null, 0, 0, 0, 0, 0, 0, 0, 0, now, warnings);
    }

    static ClusterHealth of(String id, ClusterSnapshot snapshot, Instant now) {
        int partitions = count(snapshot, partition -> true);
        int offline = count(snapshot, partition -> partition.leader() == null);
        int under = count(snapshot, PartitionState::underReplicated);
        int underMinIsr = count(snapshot, PartitionState::underMinIsr);
        int online = (int) snapshot.onlineBrokers().count();
        int brokers = snapshot.brokers().size();
        boolean stale = snapshot.asOf().isBefore(now.minusSeconds(60));
        Reason reason = stale ? Reason.STALE : reason(online, brokers, partitions, offline, under);
        Health health = switch (reason) {
            case NO_ANSWER, STALE, PARTITIONS_OFFLINE -> Health.FAILING;
            case BROKERS_DOWN, UNDER_REPLICATED -> Health.DEGRADED;
            case NO_TOPICS, ALL_WELL -> Health.HEALTHY;
        };
        String refused = underMinIsr == 0
                ? "."
                : "; " + underMinIsr + (underMinIsr == 1 ? " refuses" : " refuse") + " producers with acks=all.";
        String down = down(snapshot);
        String sentence = switch (reason) {
            case NO_ANSWER, STALE -> "The cluster stopped answering; this is what it looked like last.";
            case PARTITIONS_OFFLINE ->
                (down.isEmpty() ? "" : down + ": ") + offline + " of " + partitions
                        + " partitions have no leader; they can be neither read nor written.";
            case BROKERS_DOWN ->
                down + "; every partition is still served"
                        + (under > 0 ? ", " + under + " with fewer copies than wished" : "") + refused;
            case UNDER_REPLICATED ->
                under + " of " + partitions + " partitions have a follower that is not in sync" + refused;
            case NO_TOPICS -> "All well: " + count(brokers, "broker") + ", no topics yet.";
            case ALL_WELL ->
                "All well: " + count(brokers, "broker") + " serving " + count(partitions, "partition") + ".";
        };
        long sizeBytes = snapshot.topics().values().stream()
                .mapToLong(ClusterSnapshot.TopicState::sizeBytes)
                .sum();
        return new ClusterHealth(
                id,
                health,
                sentence,
                reason,
                snapshot.kafkaClusterId(),
                snapshot.controllerId(),
                online,
                brokers,
                snapshot.topics().size(),
                partitions,
                offline,
                under,
                underMinIsr,
                sizeBytes,
                snapshot.asOf(),
                snapshot.warnings());
    }

    private static Reason reason(int online, int brokers, int partitions, int offline, int under) {
        if (offline > 0 || online == 0) return Reason.PARTITIONS_OFFLINE;
        if (online < brokers) return Reason.BROKERS_DOWN;
        if (under > 0) return Reason.UNDER_REPLICATED;
        return partitions == 0 ? Reason.NO_TOPICS : Reason.ALL_WELL;
    }

    private static int count(ClusterSnapshot snapshot, Predicate<PartitionState> which) {
        return (int) snapshot.topics().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(which)
                .count();
    }

    private static String down(ClusterSnapshot snapshot) {
        List<String> gone = snapshot.brokers().stream()
                .filter(broker -> !broker.online())
                .map(broker -> String.valueOf(broker.id()))
                .toList();
        if (gone.isEmpty()) return "";
        boolean one = gone.size() == 1;
        return gone.stream()
                .collect(Collectors.joining(", ", one ? "Broker " : "Brokers ", one ? " is down" : " are down"));
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
