package io.millrace.admin.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the process says about the clusters and about how to treat them, under {@code millrace.}.
 *
 * @param requestTimeout longest wait for one answer of a cluster
 * @param readOnly refuse every change
 */
@ConfigurationProperties("millrace")
public record MillraceProperties(
        @DefaultValue List<ClusterEntry> clusters,
        @DefaultValue("8s") Duration requestTimeout,
        @DefaultValue("false") boolean readOnly) {

    /** Without configuration there is one cluster, on this machine. */
    public MillraceProperties {
        if (clusters.isEmpty()) clusters = List.of(new ClusterEntry("local", "localhost:9092", Map.of()));
        long distinct = clusters.stream().map(ClusterEntry::id).distinct().count();
        if (distinct != clusters.size()) {
            throw new IllegalArgumentException("millrace.clusters has two entries with one id; give each its own");
        }
        clusters = List.copyOf(clusters);
    }

    /**
     * One cluster.
     *
     * @param id the name in URLs
     * @param properties further settings for Kafka's clients, for example security
     */
    public record ClusterEntry(
            @DefaultValue("local") String id,
            @DefaultValue("localhost:9092") String bootstrapServers,
            @DefaultValue Map<String, String> properties) {
        public ClusterEntry {
            if (!id.matches("[A-Za-z0-9._-]{1,100}")) {
                throw new IllegalArgumentException("millrace.clusters has the id '" + id
                        + "'; an id is made of letters, digits, '.', '_' and '-', at most 100");
            }
            properties = Map.copyOf(properties);
        }
    }
}
