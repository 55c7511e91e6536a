package io.millrace.broker.network;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The requests that one loop has answered, by API: how many, how large, and how long from the last byte of the request to its answer.
 * Written by the loop alone, with plain additions; read by any thread, which may see numbers that are a moment old.
 */
final class RequestTimes {
    private static final int APIS =
            Arrays.stream(ApiKeys.values()).mapToInt(api -> api.id).max().orElseThrow() + 1;

    private final AtomicLongArray counts = new AtomicLongArray(APIS);
    private final AtomicLongArray durationsNs = new AtomicLongArray(APIS);
    private final AtomicLongArray sizesBytes = new AtomicLongArray(APIS);

    void answered(ApiKeys api, long durationNs, int sizeBytes) {
        add(counts, api, 1);
        add(durationsNs, api, durationNs);
        add(sizesBytes, api, sizeBytes);
    }

    private static void add(AtomicLongArray sums, ApiKeys api, long amount) {
        sums.setOpaque(api.id, sums.getPlain(api.id) + amount);
    }

    long count(ApiKeys api) {
        return counts.getOpaque(api.id);
    }

    long durationNs(ApiKeys api) {
        return durationsNs.getOpaque(api.id);
    }

    long sizeBytes(ApiKeys api) {
        return sizesBytes.getOpaque(api.id);
    }
}
