package io.millrace.admin.record;

import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.mask.Masking;
import io.millrace.admin.operation.AnswersLater;
import io.millrace.admin.operation.LongWork;
import io.millrace.admin.operation.Work.Report;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.record.RecordWrites.NewRecord;
import io.millrace.admin.record.RecordWrites.Produced;
import io.millrace.admin.record.RecordWrites.PurgeRequest;
import io.millrace.admin.record.RecordWrites.PurgeResult;
import io.millrace.admin.record.Records.From;
import io.millrace.admin.record.Records.Query;
import io.millrace.admin.record.Records.RecordPage;
import io.millrace.admin.schema.PayloadDecoder;
import io.millrace.admin.schema.SchemaRegistries;
import io.millrace.admin.web.Confirmation;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Records over REST. */
@Tag(name = "records")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}/topics/{topic}")
class RecordController {
    private static final int LIST_MAX_BYTES = 16_384;
    private static final int ONE_MAX_BYTES = 32 * 1024 * 1024;
    private final Clusters clusters;
    private final Records records;
    private final RecordSearch search;
    private final RecordTail tail;
    private final RecordWrites writes;
    private final LongWork longWork;
    private final SchemaRegistries schemas;
    private final Masking masking;

    RecordController(
            Clusters clusters,
            Records records,
            RecordSearch search,
            RecordTail tail,
            RecordWrites writes,
            LongWork longWork,
            SchemaRegistries schemas,
            Masking masking) {
        this.clusters = clusters;
        this.records = records;
        this.search = search;
        this.tail = tail;
        this.writes = writes;
        this.longWork = longWork;
        this.schemas = schemas;
        this.masking = masking;
    }

    /**
     * Browses: answers within seconds with what it found and a cursor to go on; stopping is not asking again. {@code until} leaves
     * out, in each partition, the first record of that time or later and all after it.
     */
    @GetMapping("/records")
    RecordPage browse(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "NEWEST") From from,
            @RequestParam(required = false) @Nullable Integer partition,
            @RequestParam(required = false) @Nullable Long offset,
            @RequestParam(required = false) @Nullable Instant time,
            @RequestParam(required = false) @Nullable Instant until,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String cel,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(defaultValue = "false") boolean readCommitted,
            @RequestParam(required = false) @Nullable String cursor) {
        return records.browse(
                clusterId,
                topic,
                query(clusterId, from, partition, offset, time, until, q, cel, limit, readCommitted, cursor));
    }

    /**
     * Looks on until {@code limit} records are found or all have been looked at: server-sent events "page", one every fifth of a
     * second, each like an answer of {@code /records} with what came since the one before. Closing the connection stops it.
     */
    @GetMapping(path = "/records:search", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter search(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "NEWEST") From from,
            @RequestParam(required = false) @Nullable Integer partition,
            @RequestParam(required = false) @Nullable Long offset,
            @RequestParam(required = false) @Nullable Instant time,
            @RequestParam(required = false) @Nullable Instant until,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String cel,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(defaultValue = "false") boolean readCommitted,
            @RequestParam(required = false) @Nullable String cursor) {
        return search.start(
                clusterId,
                topic,
                query(clusterId, from, partition, offset, time, until, q, cel, limit, readCommitted, cursor));
    }

    private Query query(
            String clusterId,
            From from,
            @Nullable Integer partition,
            @Nullable Long offset,
            @Nullable Instant time,
            @Nullable Instant until,
            String q,
            String cel,
            int limit,
            boolean readCommitted,
            @Nullable String cursor) {
        Page.checkLimit(limit, Page.MAX_LIMIT);
        return new Query(
                from,
                partition,
                offset,
                time,
                until,
                RecordFilter.of(q, cel),
                limit,
                LIST_MAX_BYTES,
                readCommitted,
                schemas.of(clusterId),
                cursor);
    }

    /** One record, whole; {@code decode=false} gives its bytes even where a schema tells how to read them. */
    @GetMapping("/partitions/{partition}/records/{offset}")
    RecordView one(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @PathVariable int partition,
            @PathVariable long offset,
            @RequestParam(defaultValue = "true") boolean decode) {
        RecordPage page = records.browse(
                clusterId,
                topic,
                new Query(
                        From.OFFSET,
                        partition,
                        offset,
                        null,
                        null,
                        RecordFilter.of("", ""),
                        1,
                        ONE_MAX_BYTES,
                        false,
                        decode ? schemas.of(clusterId) : PayloadDecoder.NONE,
                        null));
        return page.items().stream()
                .filter(record -> record.offset() == offset)
                .findFirst()
                .orElseThrow(() -> ApiException.notFound(
                        "UNKNOWN_RECORD",
                        "partition " + topic + "-" + partition + " has no record at offset " + offset
                                + " (deleted, compacted, a transaction marker, or not written yet)"));
    }

    /** New records as server-sent events: "ready" once, then "records" as they come. */
    @GetMapping(path = "/records:tail", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter tail(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(required = false) @Nullable Integer partition,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String cel) {
        return tail.start(
                clusters.get(clusterId),
                records.partitions(clusterId, topic, partition),
                new RecordLook(masking.of(topic), schemas.of(clusterId), RecordFilter.of(q, cel), LIST_MAX_BYTES));
    }

    @PostMapping("/records")
    @ResponseStatus(HttpStatus.CREATED)
    Produced produce(@PathVariable String clusterId, @PathVariable String topic, @RequestBody NewRecord request) {
        return writes.produce(clusterId, topic, request);
    }

    /**
     * Deletes the records before an offset, before a time, or all; a dry run tells how many would go. With
     * {@code Prefer: respond-async} it answers 202 at once.
     */
    @ApiResponse(
            responseCode = "200",
            description = "Done",
            content = @Content(schema = @Schema(implementation = PurgeResult.class)))
    @AnswersLater
    @PostMapping("/records:purge")
    ResponseEntity<Object> purge(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestParam(required = false) @Nullable String confirm,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
            @RequestBody PurgeRequest request)
            throws InterruptedException {
        if (!dryRun) Confirmation.require(confirm, topic, "deleting records of topic '" + topic + "'");
        if (dryRun) return ResponseEntity.ok(writes.purge(clusterId, topic, request, true, Report.NOBODY));
        writes.check(clusterId, topic, request);
        return longWork.answer(
                prefer,
                clusterId,
                "purge-records",
                topic,
                report -> writes.purge(clusterId, topic, request, false, report));
    }
}
