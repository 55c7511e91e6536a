package io.millrace.admin.record;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.operation.Work.Report;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Produces single records and deletes the oldest ones. */
@Component
class RecordWrites {
    private static final int PARTITIONS_PER_CALL = 200;
    private final Clusters clusters;
    private final Records records;
    private final AuditLog audit;

    RecordWrites(Clusters clusters, Records records, AuditLog audit) {
        this.clusters = clusters;
        this.records = records;
        this.audit = audit;
    }

    record NewHeader(String name, @Nullable String value) {}

    /** A record to write; key and value are text, or base64 where {@code encoding} says so; no value is a tombstone. */
    record NewRecord(
            @Nullable Integer partition,
            @Nullable String key,
            @Nullable String value,
            @Nullable String encoding,
            @Nullable List<NewHeader> headers) {}

    record Produced(int partition, long offset, Instant timestamp) {}

    /** What to delete: everything before {@code beforeOffset} or {@code beforeTime}, or everything there is. */
    record PurgeRequest(
            @Nullable Boolean everything,
            @Nullable Instant beforeTime,
            @Nullable Long beforeOffset,
            @Nullable List<Integer> partitions) {}

    record PurgedPartition(
            int partition, long beginningOffset, long endOffset, long newBeginningOffset, long offsetsRemoved) {}

    record PurgeResult(boolean applied, long offsetsRemoved, List<PurgedPartition> items) {}

    Produced produce(String clusterId, String topic, NewRecord request) {
        Cluster cluster = clusters.get(clusterId);
        records.partitions(clusterId, topic, request.partition());
        boolean base64 = "base64".equals(request.encoding());
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic, request.partition(), bytes(request.key(), base64), bytes(request.value(), base64));
        if (request.headers() != null) {
            request.headers().forEach(header -> record.headers().add(header.name(), bytes(header.value(), false)));
        }
        try {
            RecordMetadata written = cluster.producer()
                    .send(record)
                    .get(cluster.requestTimeout().toMillis() + 2_000, TimeUnit.MILLISECONDS);
            audit.record(
                    clusterId,
                    "produce-record",
                    topic,
                    null,
                    Map.of("partition", written.partition(), "offset", written.offset()));
            return new Produced(written.partition(), written.offset(), Instant.ofEpochMilli(written.timestamp()));
        } catch (ExecutionException failure) {
            throw KafkaProblems.of(failure);
        } catch (TimeoutException slow) {
            throw KafkaProblems.of(new org.apache.kafka.common.errors.TimeoutException("no acknowledgement", slow));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping.");
        }
    }

    private static byte @Nullable [] bytes(@Nullable String text, boolean base64) {
        if (text == null) return null;
        if (!base64) return text.getBytes(StandardCharsets.UTF_8);
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException malformed) {
            throw new ApiException(
                    HttpStatus.BAD_REQUEST,
                    "WRONG_TYPE",
                    "with encoding base64, key and value must be base64: " + malformed.getMessage(),
                    false,
                    Map.of(),
                    malformed);
        }
    }

    /** Refuses what can be refused before the work begins. */
    void check(String clusterId, String topic, PurgeRequest request) {
        records.partitions(clusterId, topic, null);
        if (request.partitions() != null) {
            for (int wanted : request.partitions()) records.partitions(clusterId, topic, wanted);
        }
        if (!Boolean.TRUE.equals(request.everything())
                && request.beforeOffset() == null
                && request.beforeTime() == null) throw nothingSaid();
    }

    private static ApiException nothingSaid() {
        return ApiException.badRequest("MISSING_FIELD", "say what to delete: beforeOffset, beforeTime or everything");
    }

    PurgeResult purge(String clusterId, String topic, PurgeRequest request, boolean dryRun, Report report) {
        check(clusterId, topic, request);
        Cluster cluster = clusters.get(clusterId);
        List<TopicPartition> partitions = records.partitions(clusterId, topic, null).stream()
                .filter(p ->
                        request.partitions() == null || request.partitions().contains(p.partition()))
                .toList();
        Map<TopicPartition, Long> beginnings = Records.ask(cluster, partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = Records.ask(cluster, partitions, OffsetSpec.latest());
        Map<TopicPartition, Long> targets = targets(cluster, request, partitions, ends);
        List<PurgedPartition> items = new ArrayList<>();
        Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
        for (TopicPartition partition : partitions) {
            long beginning = Objects.requireNonNull(beginnings.get(partition));
            long end = Objects.requireNonNull(ends.get(partition));
            long target = Math.clamp(Objects.requireNonNull(targets.get(partition)), beginning, end);
            items.add(new PurgedPartition(partition.partition(), beginning, end, target, target - beginning));
            if (target > beginning) deletions.put(partition, RecordsToDelete.beforeOffset(target));
        }
        long removed = items.stream().mapToLong(PurgedPartition::offsetsRemoved).sum();
        if (!dryRun && !deletions.isEmpty()) {
            delete(cluster, deletions, report);
            audit.record(
                    clusterId,
                    "purge-records",
                    topic,
                    logStarts(items, PurgedPartition::beginningOffset),
                    logStarts(items, PurgedPartition::newBeginningOffset));
            clusters.refresh(clusterId);
        }
        return new PurgeResult(!dryRun, removed, items);
    }

    /** Some partitions at a time: a failure leaves those before it purged, which the next preview shows. */
    private static void delete(Cluster cluster, Map<TopicPartition, RecordsToDelete> deletions, Report report) {
        List<TopicPartition> partitions = List.copyOf(deletions.keySet());
        for (int from = 0; from < partitions.size(); from += PARTITIONS_PER_CALL) {
            report.progress(from, partitions.size(), "partitions");
            Map<TopicPartition, RecordsToDelete> some = new HashMap<>();
            for (TopicPartition partition :
                    partitions.subList(from, Math.min(from + PARTITIONS_PER_CALL, partitions.size()))) {
                some.put(partition, Objects.requireNonNull(deletions.get(partition)));
            }
            cluster.await(cluster.admin().deleteRecords(some).all());
        }
        report.progress(partitions.size(), partitions.size(), "partitions");
    }

    private static Map<String, Object> logStarts(List<PurgedPartition> items, ToLongFunction<PurgedPartition> side) {
        Map<String, Object> offsets = new TreeMap<>();
        items.forEach(item -> offsets.put("logStartOffset of " + item.partition(), side.applyAsLong(item)));
        return offsets;
    }

    private static Map<TopicPartition, Long> targets(
            Cluster cluster, PurgeRequest request, List<TopicPartition> partitions, Map<TopicPartition, Long> ends) {
        if (Boolean.TRUE.equals(request.everything())) return ends;
        Map<TopicPartition, Long> targets = new HashMap<>();
        if (request.beforeOffset() != null) {
            partitions.forEach(partition -> targets.put(partition, request.beforeOffset()));
            return targets;
        }
        if (request.beforeTime() != null) {
            targets.putAll(Records.ask(
                    cluster,
                    partitions,
                    OffsetSpec.forTimestamp(request.beforeTime().toEpochMilli())));
            // No record that late: all of them are before the time.
            targets.replaceAll(
                    (partition, offset) -> offset < 0 ? Objects.requireNonNull(ends.get(partition)) : offset);
            return targets;
        }
        throw nothingSaid();
    }
}
