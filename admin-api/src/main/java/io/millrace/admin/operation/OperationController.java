package io.millrace.admin.operation;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.web.EventStreams;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Long work over REST: how far it is, and stopping it. */
@Tag(name = "operations")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}/operations")
class OperationController {
    private static final int STREAMS = 32;
    private static final long ALIVE_MS = 5_000;
    private final Clusters clusters;
    private final Operations operations;
    private final AuditLog audit;
    private final EventStreams streams = new EventStreams("streams of operations", STREAMS);

    OperationController(Clusters clusters, Operations operations, AuditLog audit) {
        this.audit = audit;
        this.clusters = clusters;
        this.operations = operations;
    }

    record OperationList(List<Operation> items) {}

    /** The newest first. */
    @GetMapping
    OperationList list(@PathVariable String clusterId) {
        return new OperationList(operations.recent(clusters.get(clusterId).id()));
    }

    @GetMapping("/{operationId}")
    Operation describe(@PathVariable String clusterId, @PathVariable String operationId) {
        return operations.require(clusters.get(clusterId).id(), operationId).now();
    }

    /** Stops it where it is; what it had done by then stays done. */
    @PostMapping("/{operationId}:cancel")
    Operation cancel(@PathVariable String clusterId, @PathVariable String operationId) throws InterruptedException {
        Running running = operations.require(clusters.get(clusterId).id(), operationId);
        if (!running.cancel()) {
            throw ApiException.conflict(
                    "OPERATION_ENDED",
                    "operation '" + operationId + "' has ended: it is "
                            + running.now().state());
        }
        Operation stopped = running.after(running.now().version(), 1_000);
        audit.record(
                clusterId,
                "cancel-operation",
                operationId,
                Map.of("kind", stopped.kind(), "resource", stopped.resource()),
                Map.of("state", stopped.state(), "done", stopped.progress().done()));
        return stopped;
    }

    /**
     * The operation after each change, as server-sent events "operation", the last of which has a state other than RUNNING.
     * Each event is the whole state, so that {@code Last-Event-ID} only keeps one from being sent twice.
     */
    @GetMapping(path = "/{operationId}:tail", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter tail(
            @PathVariable String clusterId,
            @PathVariable String operationId,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable Long lastEventId) {
        Running running = operations.require(clusters.get(clusterId).id(), operationId);
        return streams.open(emitter -> send(running, lastEventId == null ? -1 : lastEventId, emitter));
    }

    private static void send(Running running, long lastSent, SseEmitter emitter)
            throws IOException, InterruptedException {
        long sent = lastSent;
        while (true) {
            Operation now = running.now().finished() ? running.now() : running.after(sent, ALIVE_MS);
            if (now.version() > sent) {
                emitter.send(SseEmitter.event()
                        .id(String.valueOf(now.version()))
                        .name("operation")
                        .data(now));
            } else {
                emitter.send(SseEmitter.event().comment("still at it"));
            }
            sent = now.version();
            if (now.finished()) return;
        }
    }
}
