package io.millrace.admin.record;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.mask.Masking;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.record.RecordScan.Found;
import io.millrace.admin.record.RecordScan.Range;
import io.millrace.admin.schema.PayloadDecoder;
import io.millrace.admin.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds the offsets to look at and looks at them. */
@Component
class Records {
    private static final Duration ONE_PAGE = Duration.ofSeconds(2);
    private final Clusters clusters;
    private final Topics topics;
    private final Masking masking;

    Records(Clusters clusters, Topics topics, Masking masking) {
        this.clusters = clusters;
        this.topics = topics;
        this.masking = masking;
    }

    /** Where to begin; NEWEST goes backwards, the others forwards. */
    enum From {
        NEWEST,
        OLDEST,
        OFFSET,
        TIME
    }

    record Query(
            From from,
            @Nullable Integer partition,
            @Nullable Long offset,
            @Nullable Instant time,
            @Nullable Instant until,
            RecordFilter filter,
            int limit,
            int maxBytes,
            boolean readCommitted,
            PayloadDecoder decoder,
            @Nullable String cursor) {}

    /** How far a partition has been looked through. */
    record Progress(int partition, long beginningOffset, long endOffset, long remaining) {}

    /**
     * Some records.
     *
     * @param next cursor to go on with; absent when everything that was there at the beginning has been looked at
     * @param scanned records looked at for this answer, exactly
     * @param unanswered records among them for which the CEL filter had no answer; they do not match
     * @param remaining offsets not looked at yet: an upper bound of the records
     */
    record RecordPage(
            List<RecordView> items,
            @Nullable String next,
            long scanned,
            long unanswered,
            long remaining,
            List<Progress> partitions) {}

    /** A topic as it was when somebody began to look, and where they begin. */
    record Place(
            Cluster cluster,
            String topic,
            List<TopicPartition> partitions,
            Map<TopicPartition, Long> beginnings,
            Map<TopicPartition, Long> ends,
            RecordCursor start) {}

    RecordPage browse(String clusterId, String topic, Query query) {
        Place place = find(clusterId, topic, query);
        try (Consumer<byte[], byte[]> consumer = consumer(place, query)) {
            RecordScan scan = scan(consumer, place, query, () -> {});
            Found found = scan.step(place.start().backwards(), place.start().remaining(), query.limit(), ONE_PAGE);
            return page(place, found, query.filter().failures());
        }
    }

    Place find(String clusterId, String topic, Query query) {
        Cluster cluster = clusters.get(clusterId);
        List<TopicPartition> partitions = partitions(clusterId, topic, query.partition());
        Map<TopicPartition, Long> beginnings = ask(cluster, partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = ask(cluster, partitions, OffsetSpec.latest());
        RecordCursor start =
                query.cursor() == null ? start(cluster, query, beginnings, ends) : RecordCursor.decode(query.cursor());
        start.remaining().keySet().removeIf(partition -> !beginnings.containsKey(new TopicPartition(topic, partition)));
        return new Place(cluster, topic, partitions, beginnings, ends, start);
    }

    Consumer<byte[], byte[]> consumer(Place place, Query query) {
        return place.cluster()
                .newConsumer(Map.of(
                        "max.poll.records", 2_000,
                        "fetch.max.bytes", 8 * 1024 * 1024,
                        // A person waits for the end of the log too: there is nothing to be won by waiting for more.
                        "fetch.max.wait.ms", 10,
                        "retry.backoff.ms", 10,
                        "isolation.level", query.readCommitted() ? "read_committed" : "read_uncommitted"));
    }

    RecordScan scan(Consumer<byte[], byte[]> consumer, Place place, Query query, Runnable pulse) {
        RecordLook look = new RecordLook(masking.of(place.topic()), query.decoder(), query.filter(), query.maxBytes());
        return new RecordScan(consumer, place.topic(), look, pulse);
    }

    RecordPage page(Place place, Found found, long unanswered) {
        List<Progress> progress = new ArrayList<>();
        for (TopicPartition partition : place.partitions()) {
            Range left = found.remaining().getOrDefault(partition.partition(), new Range(0, 0));
            progress.add(new Progress(
                    partition.partition(),
                    Objects.requireNonNull(place.beginnings().get(partition)),
                    Objects.requireNonNull(place.ends().get(partition)),
                    left.to() - left.from()));
        }
        return new RecordPage(
                found.records(),
                found.done() ? null : new RecordCursor(place.start().backwards(), found.remaining()).encode(),
                found.scanned(),
                unanswered,
                progress.stream().mapToLong(Progress::remaining).sum(),
                progress);
    }

    private static RecordCursor start(
            Cluster cluster, Query query, Map<TopicPartition, Long> beginnings, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> from = switch (query.from()) {
            case NEWEST, OLDEST -> beginnings;
            case OFFSET -> {
                if (query.offset() == null) throw missing("offset", query.from());
                long offset = query.offset();
                Map<TopicPartition, Long> same = new HashMap<>();
                beginnings.keySet().forEach(partition -> same.put(partition, offset));
                yield same;
            }
            case TIME -> {
                if (query.time() == null) throw missing("time", query.from());
                yield ask(
                        cluster,
                        List.copyOf(beginnings.keySet()),
                        OffsetSpec.forTimestamp(query.time().toEpochMilli()));
            }
        };
        Map<TopicPartition, Long> until = query.until() == null
                ? ends
                : ask(
                        cluster,
                        List.copyOf(beginnings.keySet()),
                        OffsetSpec.forTimestamp(query.until().toEpochMilli()));
        Map<Integer, Range> ranges = new TreeMap<>();
        beginnings.forEach((partition, beginning) -> {
            long end = within(until.get(partition), beginning, Objects.requireNonNull(ends.get(partition)));
            ranges.put(partition.partition(), new Range(within(from.get(partition), beginning, end), end));
        });
        return new RecordCursor(query.from() == From.NEWEST, ranges);
    }

    /** {@code found} by its time may be -1: no record is that late. */
    private static long within(@Nullable Long found, long beginning, long end) {
        long offset = Objects.requireNonNull(found);
        return offset < 0 ? end : Math.clamp(offset, beginning, end);
    }

    private static ApiException missing(String name, From from) {
        return ApiException.badRequest("MISSING_FIELD", "from=" + from + " needs '" + name + "'");
    }

    List<TopicPartition> partitions(String clusterId, String topic, @Nullable Integer only) {
        int count = topics.require(clusterId, topic).partitions().size();
        if (only != null && (only < 0 || only >= count)) {
            throw ApiException.notFound(
                    "UNKNOWN_PARTITION", "topic '" + topic + "' has partitions 0 to " + (count - 1) + ", not " + only);
        }
        List<TopicPartition> result = new ArrayList<>();
        for (int partition = 0; partition < count; partition++) {
            if (only == null || only == partition) result.add(new TopicPartition(topic, partition));
        }
        return result;
    }

    static Map<TopicPartition, Long> ask(Cluster cluster, List<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        Map<TopicPartition, Long> result = new HashMap<>();
        Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> answer =
                cluster.await(cluster.admin().listOffsets(wanted).all());
        answer.forEach((partition, info) -> result.put(partition, info.offset()));
        return result;
    }
}
