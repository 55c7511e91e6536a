package io.millrace.admin.audit;

import java.security.Principal;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Every change made through this API: kept here for the console (the last {@value #KEPT}) and written to the log. */
@Component
public final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.audit");
    private static final int KEPT = 1_000;
    private final Deque<AuditEvent> events = new ArrayDeque<>();
    private long nextSequence = 1;

    /**
     * One change.
     *
     * @param who the authenticated user, or "anonymous" without security, with the address it came from
     * @param details what it was before and after, or what was asked
     */
    public record AuditEvent(
            long sequence,
            Instant time,
            String cluster,
            String who,
            String action,
            String resource,
            Map<String, Object> details) {}

    public void record(String cluster, String action, String resource, Map<String, Object> details) {
        AuditEvent event;
        synchronized (events) {
            event = new AuditEvent(
                    nextSequence++, Instant.now(), cluster, caller(), action, resource, Map.copyOf(details));
            events.addFirst(event);
            if (events.size() > KEPT) events.removeLast();
        }
        LOG.info("{} {} on cluster {}: {} {}", event.who(), action, cluster, resource, details);
    }

    /** The newest first. */
    public List<AuditEvent> recent(String cluster, int limit) {
        List<AuditEvent> result = new ArrayList<>();
        synchronized (events) {
            for (AuditEvent event : events) {
                if (result.size() == limit) break;
                if (event.cluster().equals(cluster)) result.add(event);
            }
        }
        return result;
    }

    private static String caller() {
        if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)) {
            return "system";
        }
        @Nullable Principal user = attributes.getRequest().getUserPrincipal();
        return (user == null ? "anonymous" : user.getName()) + "@"
                + attributes.getRequest().getRemoteAddr();
    }
}
