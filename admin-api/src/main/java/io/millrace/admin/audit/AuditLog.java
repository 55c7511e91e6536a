package io.millrace.admin.audit;

import java.security.Principal;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
    private static final ScopedValue<String> CALLER = ScopedValue.newInstance();
    private final Deque<AuditEvent> events = new ArrayDeque<>();
    private long nextSequence = 1;

    /**
     * One change.
     *
     * @param who the authenticated user, or "anonymous" without security, with the address it came from
     * @param before what was there; absent when something was made
     * @param after what is there now; absent when something was destroyed
     */
    public record AuditEvent(
            long sequence,
            Instant time,
            String cluster,
            String who,
            String action,
            String resource,
            @Nullable Map<String, Object> before,
            @Nullable Map<String, Object> after) {}

    public void record(
            String cluster,
            String action,
            String resource,
            @Nullable Map<String, Object> before,
            @Nullable Map<String, Object> after) {
        AuditEvent event;
        synchronized (events) {
            event = new AuditEvent(nextSequence++, Instant.now(), cluster, caller(), action, resource, before, after);
            events.addFirst(event);
            if (events.size() > KEPT) events.removeLast();
        }
        LOG.info("{} {} on cluster {}: {} before {} after {}", event.who(), action, cluster, resource, before, after);
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

    /** Does something as the one who asked for it, on a thread that serves no request. */
    public <T> T called(String who, Supplier<T> action) {
        return ScopedValue.where(CALLER, who).call(action::get);
    }

    /** Who asks for what this thread does: the user of its request, or whom it acts for. */
    public String caller() {
        if (CALLER.isBound()) return CALLER.get();
        if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)) {
            return "system";
        }
        @Nullable Principal user = attributes.getRequest().getUserPrincipal();
        return (user == null ? "anonymous" : user.getName()) + "@"
                + attributes.getRequest().getRemoteAddr();
    }
}
