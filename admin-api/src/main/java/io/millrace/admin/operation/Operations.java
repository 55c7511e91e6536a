package io.millrace.admin.operation;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.operation.Operation.Progress;
import io.millrace.admin.operation.Operation.State;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Starts long work and remembers it: at most {@value #RUNNING_AT_MOST} operations run at once, and the last
 * {@value #KEPT} are kept, of which those that run are never forgotten. They end with the process.
 */
@Component
public final class Operations implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);
    private static final int RUNNING_AT_MOST = 16;
    private static final int KEPT = 200;
    private final AuditLog audit;
    /** Newest first; guarded by itself. */
    private final Deque<Running> operations = new ArrayDeque<>();

    Operations(AuditLog audit) {
        this.audit = audit;
    }

    /** Starts the work for whoever makes the present request; what it changes is audited under that name. */
    public Operation start(String cluster, String kind, String resource, Work work) {
        String who = audit.caller();
        Running running = new Running(new Operation(
                Uuid.randomUuid().toString(),
                0,
                cluster,
                kind,
                resource,
                who,
                State.RUNNING,
                new Progress(0, null, ""),
                true,
                Instant.now(),
                null,
                null,
                null));
        synchronized (operations) {
            long atWork =
                    operations.stream().filter(one -> !one.now().finished()).count();
            if (atWork >= RUNNING_AT_MOST) {
                throw new ApiException(
                        HttpStatus.TOO_MANY_REQUESTS,
                        "TOO_MANY_OPERATIONS",
                        RUNNING_AT_MOST + " operations are running, which is the limit; wait for one, or cancel one",
                        true,
                        Map.of(),
                        null);
            }
            operations.addFirst(running);
            forgetOldest();
        }
        running.begin(Thread.ofVirtual()
                .name("operation-" + kind)
                .unstarted(() -> audit.called(who, () -> run(running, work))));
        return running.now();
    }

    private void forgetOldest() {
        var oldest = operations.descendingIterator();
        while (operations.size() > KEPT && oldest.hasNext()) {
            if (oldest.next().now().finished()) oldest.remove();
        }
    }

    private static Operation run(Running running, Work work) {
        try {
            running.finish(State.SUCCEEDED, work.run(running), null);
        } catch (InterruptedException | InterruptException stopped) {
            end(
                    running,
                    new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping."));
        } catch (ApiException | KafkaException failure) {
            end(running, KafkaProblems.of(failure));
        } catch (RuntimeException unforeseen) {
            LOG.error(
                    "operation {} failed in a way nobody foresaw", running.now().id(), unforeseen);
            end(
                    running,
                    new ApiException(
                            HttpStatus.INTERNAL_SERVER_ERROR,
                            "INTERNAL_ERROR",
                            "The admin API failed unexpectedly; its log has the details. Please report it."));
        }
        return running.now();
    }

    private static void end(Running running, ApiException failure) {
        if (running.cancelled()) {
            running.finish(
                    State.CANCELLED,
                    null,
                    Map.of("code", "CANCELLED", "detail", "stopped where it was; what it had done by then stays done"));
            return;
        }
        Map<String, Object> problem = new HashMap<>(failure.members());
        problem.put("status", failure.status().value());
        problem.put("title", failure.status().getReasonPhrase());
        problem.put("code", failure.code());
        problem.put("detail", failure.detail());
        problem.put("retriable", failure.retriable());
        running.finish(State.FAILED, null, problem);
    }

    List<Operation> recent(String cluster) {
        synchronized (operations) {
            return operations.stream()
                    .map(Running::now)
                    .filter(operation -> operation.cluster().equals(cluster))
                    .toList();
        }
    }

    Running require(String cluster, String id) {
        synchronized (operations) {
            return operations.stream()
                    .filter(one ->
                            one.now().id().equals(id) && one.now().cluster().equals(cluster))
                    .findFirst()
                    .orElseThrow(() -> ApiException.notFound(
                            "UNKNOWN_OPERATION",
                            "there is no operation '" + id + "' of cluster '" + cluster + "' (the last " + KEPT
                                    + " are kept, until the API stops)"));
        }
    }

    @Override
    public void destroy() {
        synchronized (operations) {
            operations.forEach(Running::cancel);
        }
    }
}
