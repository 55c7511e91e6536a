package io.millrace.admin.ticker;

import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** A cluster's events over REST. */
@Tag(name = "operations")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class TickerController {
    private final Tickers tickers;
    private final TickerTail tail;

    TickerController(Tickers tickers, TickerTail tail) {
        this.tickers = tickers;
        this.tail = tail;
    }

    /**
     * The last events.
     *
     * @param last where a tail goes on: its {@code Last-Event-ID}
     */
    record ClusterEvents(List<ClusterEvent> items, long last) {}

    /** The newest first; seen since this process started, rebalances since an hour ago where there is a group journal. */
    @GetMapping("/events")
    ClusterEvents recent(@PathVariable String clusterId, @RequestParam(defaultValue = "50") int limit) {
        Page.checkLimit(limit, Page.MAX_LIMIT);
        EventRing ring = tickers.of(clusterId).ring();
        long last = ring.last();
        return new ClusterEvents(ring.newest(limit), last);
    }

    /** Server-sent events: "ready" once, then "events" as they happen; {@code Last-Event-ID} brings what was missed. */
    @GetMapping(path = "/events:tail", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter tail(
            @PathVariable String clusterId,
            @RequestHeader(name = "Last-Event-ID", defaultValue = "-1") long lastEventId) {
        return tail.start(tickers.of(clusterId), lastEventId);
    }
}
