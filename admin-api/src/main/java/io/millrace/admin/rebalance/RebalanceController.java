package io.millrace.admin.rebalance;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.rebalance.Rebalances.History;
import io.millrace.admin.rebalance.Rebalances.Summary;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Rebalances over REST. */
@Tag(name = "rebalances")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class RebalanceController {
    private static final int MAX_MINUTES = 24 * 60;
    private final Rebalances rebalances;
    private final RebalanceTail tail;

    RebalanceController(Rebalances rebalances, RebalanceTail tail) {
        this.rebalances = rebalances;
        this.tail = tail;
    }

    @Operation(
            summary = "What happened in a group, why, and what to change",
            description =
                    "Events come from the group journal. A cluster without one (Apache Kafka, or a journal that is switched off)"
                            + " has source POLLING: the group is looked at once a second while it is asked about, causes are UNKNOWN, and"
                            + " `note` says so. A group that nothing is known of has no events; it is not an error.")
    @GetMapping("/consumer-groups/{groupId}/rebalances")
    History history(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @Parameter(description = "how far back to look, at most a day") @RequestParam(defaultValue = "60")
                    int minutes) {
        Instant from = from(minutes);
        return waiting(() -> rebalances.history(clusterId, groupId, from));
    }

    @Operation(
            summary = "The groups that rebalanced, the busiest first, each with its verdict",
            description = "With source POLLING only groups that were asked about in the last minute are known.")
    @GetMapping("/rebalances")
    Summary summary(
            @PathVariable String clusterId,
            @Parameter(description = "how far back to look, at most a day") @RequestParam(defaultValue = "60")
                    int minutes) {
        Instant from = from(minutes);
        return waiting(() -> rebalances.summary(clusterId, from));
    }

    @Operation(
            summary = "New events as server-sent events",
            description = "`ready` once, with the source; then `events`, each with the new ones in `items`.")
    @GetMapping(path = "/rebalances:tail", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter tail(
            @PathVariable String clusterId,
            @Parameter(description = "one group's events only") @RequestParam(required = false) @Nullable
                    String groupId) {
        return tail.start(rebalances.watch(clusterId), groupId);
    }

    private static Instant from(int minutes) {
        if (minutes < 1 || minutes > MAX_MINUTES) {
            throw ApiException.badRequest(
                    "INVALID_MINUTES", "minutes is " + minutes + "; it must be between 1 and " + MAX_MINUTES);
        }
        return Instant.now().minus(Duration.ofMinutes(minutes));
    }

    private interface Question<T> {
        T ask() throws InterruptedException;
    }

    private static <T> T waiting(Question<T> question) {
        try {
            return question.ask();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping.");
        }
    }
}
