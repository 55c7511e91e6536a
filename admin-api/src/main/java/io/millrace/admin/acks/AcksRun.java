package io.millrace.admin.acks;

import io.millrace.admin.acks.LatencyHistogram.Latency;
import io.millrace.admin.problem.ApiException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One setting, and what came of it.
 *
 * @param topic the twin that was written to; it is gone, unless {@code leftBehind} says why it is not
 * @param inSyncReplicasBefore of the twin's worst partition; so is {@code inSyncReplicasAfter}
 * @param failures how many records were refused, by Kafka's error
 * @param found distinct records that could be read afterwards
 * @param lost acknowledged records that could not be read afterwards; with acks=0 whatever was sent counts as acknowledged
 * @param unreadable acknowledged records that nobody may read, because fewer replicas are in sync than the topic asks for: brokers
 *     show records only up to what so many replicas have. Which of them are there cannot be told, and none counts as lost
 * @param duplicates records that were read more than once
 * @param durationMs from the first record to the last acknowledgement
 */
record AcksRun(
        String topic,
        String acks,
        int minInsyncReplicas,
        int replicationFactor,
        int inSyncReplicasBefore,
        int inSyncReplicasAfter,
        int sent,
        int acknowledged,
        Map<String, Integer> failures,
        int found,
        int lost,
        int unreadable,
        int duplicates,
        long durationMs,
        Latency latency,
        @Nullable String leftBehind) {

    /**
     * What to run.
     *
     * @param acks 0, 1 or all
     * @param minInsyncReplicas the topic's own unless it is given
     * @param records 500 unless it is given
     * @param recordsPerSecond 200 unless it is given; 0 is as fast as acknowledgements come back, one at a time
     * @param sizeBytes 100 unless it is given
     * @param retry off unless it is given: a refusal is then told at once and by its name. On, the producer is Kafka's
     *     default one, idempotent with acks=all
     */
    record Setting(
            String acks,
            @Nullable Integer minInsyncReplicas,
            @Nullable Integer records,
            @Nullable Integer recordsPerSecond,
            @Nullable Integer sizeBytes,
            @Nullable Boolean retry) {
        private static final Set<String> ACKS = Set.of("0", "1", "all");
        private static final int MAX_RECORDS = 5_000;
        private static final int MAX_PER_SECOND = 1_000;
        private static final int MAX_SECONDS = 30;
        private static final int MAX_SIZE_BYTES = 10_000;

        Plan plan(int replicationFactor, int ownMinInsyncReplicas) {
            if (!ACKS.contains(acks)) throw wrong("acks is '" + acks + "'; it must be 0, 1 or all");
            int minInsync = minInsyncReplicas == null ? ownMinInsyncReplicas : minInsyncReplicas;
            // A topic may have more than it has replicas: brokers then ask for all of them.
            if (minInsyncReplicas != null) within("minInsyncReplicas", minInsync, 1, replicationFactor);
            int count = records == null ? 500 : records;
            within("records", count, 1, MAX_RECORDS);
            int rate = recordsPerSecond == null ? 200 : recordsPerSecond;
            within("recordsPerSecond", rate, 0, MAX_PER_SECOND);
            if (rate > 0 && count / rate > MAX_SECONDS) {
                throw wrong(count + " records at " + rate + " a second take longer than " + MAX_SECONDS
                        + " s; send fewer, or faster");
            }
            int size = sizeBytes == null ? 100 : sizeBytes;
            within("sizeBytes", size, 1, MAX_SIZE_BYTES);
            return new Plan(acks, minInsync, count, rate, size, Boolean.TRUE.equals(retry));
        }

        private static void within(String name, int value, int from, int to) {
            if (value < from || value > to) {
                throw wrong(name + " is " + value + "; it must be between " + from + " and " + to);
            }
        }

        private static ApiException wrong(String detail) {
            return ApiException.badRequest("INVALID_SETTING", detail);
        }
    }

    /** A setting that is within the bounds. */
    record Plan(String acks, int minInsyncReplicas, int records, int recordsPerSecond, int sizeBytes, boolean retry) {}

    /** What the producer learned; {@code endOffsets} of what was acknowledged, exclusive, by partition. */
    record Sent(
            List<Integer> acknowledged,
            List<Long> latencyMicros,
            Map<String, Integer> failures,
            Map<Integer, Long> endOffsets,
            int sent,
            long durationMs) {}
}
