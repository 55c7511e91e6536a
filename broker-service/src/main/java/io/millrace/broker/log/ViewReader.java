package io.millrace.broker.log;

import java.io.IOException;
import java.util.Arrays;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log that may change meanwhile: each read works on one published view, and again on a newer one if segments of the first went
 * away under it. Any thread.
 */
final class ViewReader {

    private static final int MAX_ATTEMPTS = 5;

    private final PartitionLog log;

    ViewReader(PartitionLog log) {
        this.log = log;
    }

    /** What is read from one view. */
    interface Reading<T extends @Nullable Object> {
        T from(LogView view) throws IOException;
    }

    LogRead read(long offset, int maxBytes, long endOffsetExclusive, boolean atLeastOneBatch, boolean aborted) {
        return reading(view -> {
            LogSnapshot snapshot = view.snapshot();
            if (offset < snapshot.logStartOffset() || offset > snapshot.logEndOffset()) {
                throw new OffsetOutOfRangeException(
                        log.topicPartition() + ": offset " + offset + " is outside of the log, which has "
                                + snapshot.logStartOffset() + " to " + snapshot.logEndOffset());
            }
            return LogReader.read(view, offset, maxBytes, endOffsetExclusive, atLeastOneBatch, aborted);
        });
    }

    <T extends @Nullable Object> T reading(Reading<T> reading) {
        for (int attempt = 1; ; attempt++) {
            String reason = log.offlineReason();
            if (reason != null) {
                throw new KafkaStorageException(log.topicPartition() + ": " + reason);
            }
            LogView view = log.view();
            try {
                return reading.from(view);
            } catch (IOException e) {
                // In this order: a cut that is over by now has published another view.
                boolean same = !log.isBeingCut() && isSame(view, log.view());
                if (same || attempt == MAX_ATTEMPTS) {
                    if (same) {
                        failed(e);
                    }
                    throw new KafkaStorageException(
                            log.topicPartition() + ": the log cannot be read: " + e.getMessage(), e);
                }
            }
        }
    }

    private static boolean isSame(LogView one, LogView other) {
        return one.generation() == other.generation() && Arrays.equals(one.segments(), other.segments());
    }

    private void failed(IOException e) {
        if (e instanceof CorruptLogException && !log.isClosed()) {
            log.damaged(String.valueOf(e.getMessage()));
        } else {
            log.failed("reading", e);
        }
    }
}
