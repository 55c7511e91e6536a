package io.millrace.admin.cluster;

import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The clusters and how each of them does. */
@Tag(name = "clusters")
@RestController
@RequestMapping("/api/v1/clusters")
class ClusterController {
    private final Clusters clusters;
    private final MillraceProperties properties;

    ClusterController(Clusters clusters, MillraceProperties properties) {
        this.clusters = clusters;
        this.properties = properties;
    }

    record ClusterList(List<ClusterItem> items) {}

    record ClusterItem(String id, String bootstrapServers, boolean readOnly) {}

    @GetMapping
    ClusterList list() {
        return new ClusterList(clusters.ids().stream()
                .map(id -> new ClusterItem(id, clusters.get(id).bootstrapServers(), properties.readOnly()))
                .toList());
    }

    /** Answers 200 whatever state the cluster is in: its health is the answer. */
    @GetMapping("/{clusterId}")
    ClusterHealth health(@PathVariable String clusterId) {
        try {
            return ClusterHealth.of(clusterId, clusters.snapshot(clusterId), Instant.now());
        } catch (ApiException failure) {
            if (failure.code().equals("UNKNOWN_CLUSTER")) throw failure;
            return ClusterHealth.noAnswer(clusterId, clusters.get(clusterId).bootstrapServers(), failure);
        }
    }
}
