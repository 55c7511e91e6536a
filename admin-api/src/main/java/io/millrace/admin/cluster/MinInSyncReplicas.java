package io.millrace.admin.cluster;

import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.problem.ApiException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * What {@code min.insync.replicas} is for topics that a replica of is out of sync. Configurations are long, so that each is asked
 * for once a minute at most, and not more than {@value #AT_ONCE} at once. Runs on the watch's thread alone.
 */
final class MinInSyncReplicas {
    private static final int AT_ONCE = 200;
    private static final long KEPT_MS = 60_000;

    private record Known(int replicas, long untilNanos) {}

    private final Cluster cluster;
    private final Map<String, Known> known = new HashMap<>();

    MinInSyncReplicas(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Forgets what was changed through this API meanwhile. */
    void forget() {
        known.clear();
    }

    /** Brings up to date what is known of {@code topics}; of others nothing is kept. A topic that is not answered for is asked for again. */
    void look(Collection<String> topics, List<Warning> warnings) {
        known.keySet().retainAll(topics);
        long nowNanos = System.nanoTime();
        List<ConfigResource> wanted = topics.stream()
                .filter(topic -> !fresh(topic, nowNanos))
                .limit(AT_ONCE)
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        if (wanted.isEmpty()) return;
        Map<ConfigResource, KafkaFuture<Config>> answers =
                cluster.admin().describeConfigs(wanted).values();
        SortedMap<String, ApiException> unanswered = new TreeMap<>();
        answers.forEach((topic, answer) -> {
            try {
                ConfigEntry entry = cluster.await(answer).get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
                int replicas = Integer.parseInt(Objects.requireNonNull(entry.value()));
                known.put(topic.name(), new Known(replicas, nowNanos + KEPT_MS * 1_000_000));
            } catch (ApiException failure) {
                known.remove(topic.name());
                // Deleted since it was described: nobody writes to it any more.
                if (!failure.code().equals("KAFKA_UNKNOWN_TOPIC_OR_PARTITION")) unanswered.put(topic.name(), failure);
            }
        });
        if (!unanswered.isEmpty()) {
            warnings.add(warning(unanswered));
        }
    }

    private static Warning warning(SortedMap<String, ApiException> unanswered) {
        Map.Entry<String, ApiException> first = unanswered.entrySet().iterator().next();
        String others = unanswered.size() == 1 ? "" : " and " + (unanswered.size() - 1) + " more topics";
        return new Warning(
                null,
                "MIN_IN_SYNC_UNKNOWN",
                "whether " + first.getKey() + others + " can take records with acks=all is not known: "
                        + first.getValue().detail());
    }

    private boolean fresh(String topic, long nowNanos) {
        Known one = known.get(topic);
        return one != null && one.untilNanos() - nowNanos > 0;
    }

    @Nullable
    Integer of(String topic) {
        Known one = known.get(topic);
        return one == null ? null : (Integer) one.replicas();
    }
}
