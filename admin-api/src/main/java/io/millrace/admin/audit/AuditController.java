package io.millrace.admin.audit;

import io.millrace.admin.audit.AuditLog.AuditEvent;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who changed what. */
@Tag(name = "operations")
@RestController
class AuditController {
    private final AuditLog audit;
    private final Clusters clusters;

    AuditController(AuditLog audit, Clusters clusters) {
        this.audit = audit;
        this.clusters = clusters;
    }

    record AuditEvents(List<AuditEvent> items) {}

    @GetMapping("/api/v1/clusters/{clusterId}/audit-events")
    AuditEvents recent(@PathVariable String clusterId, @RequestParam(defaultValue = "100") int limit) {
        Page.checkLimit(limit, Page.MAX_LIMIT);
        return new AuditEvents(audit.recent(clusters.get(clusterId).id(), limit));
    }
}
