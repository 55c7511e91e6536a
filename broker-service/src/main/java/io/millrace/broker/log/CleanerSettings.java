package io.millrace.broker.log;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.storage.internals.log.CleanerConfig;

/**
 * The broker's settings of compaction, {@code log.cleaner.*}; all but the first may change while it runs. Immutable.
 *
 * @param threads logs that are compacted at a time
 * @param dedupeBufferBytes memory for keys and offsets, of all threads together
 * @param loadFactor which part of that memory may be used before a compaction ends early
 * @param ioBufferBytes memory for reading and writing, of all threads together
 * @param maxBytesPerSecond bytes read and written by all threads together
 * @param backoffMs pause when there is nothing to compact
 */
record CleanerSettings(
        boolean enabled,
        int threads,
        long dedupeBufferBytes,
        double loadFactor,
        int ioBufferBytes,
        double maxBytesPerSecond,
        long backoffMs) {

    private static final int LEAST_SLOTS = 8;
    private static final int LEAST_IO_BYTES = 16 << 10;

    /** Reads them from the broker's settings; keys that do not concern compaction are ignored. */
    @SuppressWarnings("removal") // log.cleaner.enable is deprecated, but still a key of Kafka 4.3
    static CleanerSettings of(Map<String, String> brokerSettings) {
        Map<String, String> known = new HashMap<>(brokerSettings);
        known.keySet().retainAll(CleanerConfig.CONFIG_DEF.names());
        AbstractConfig config = new AbstractConfig(CleanerConfig.CONFIG_DEF, known, false);
        return new CleanerSettings(
                config.getBoolean(CleanerConfig.LOG_CLEANER_ENABLE_PROP),
                config.getInt(CleanerConfig.LOG_CLEANER_THREADS_PROP),
                config.getLong(CleanerConfig.LOG_CLEANER_DEDUPE_BUFFER_SIZE_PROP),
                config.getDouble(CleanerConfig.LOG_CLEANER_DEDUPE_BUFFER_LOAD_FACTOR_PROP),
                config.getInt(CleanerConfig.LOG_CLEANER_IO_BUFFER_SIZE_PROP),
                config.getDouble(CleanerConfig.LOG_CLEANER_IO_MAX_BYTES_PER_SECOND_PROP),
                config.getLong(CleanerConfig.LOG_CLEANER_BACKOFF_MS_PROP));
    }

    /** Slots of one compaction's map for so many offsets: no more than they may need, nor than its share of the memory. */
    long mapSlots(long offsets) {
        long share = dedupeBufferBytes / Math.max(1, threads) / CleanerOffsetMap.SLOT_BYTES;
        return Math.max(LEAST_SLOTS, Math.min(share, (long) (offsets / loadFactor) + LEAST_SLOTS));
    }

    /** Bytes of one compaction's read buffer, and of its write buffer. */
    int bufferBytes() {
        return Math.max(LEAST_IO_BYTES, ioBufferBytes / Math.max(1, threads) / 2);
    }
}
