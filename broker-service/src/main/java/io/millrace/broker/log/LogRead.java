package io.millrace.broker.log;

import io.millrace.broker.protocol.FileSlice;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.jspecify.annotations.Nullable;

/**
 * Outcome of a read.
 *
 * @param records whole batches from the one that contains the asked offset; null when there are none below the limit. The receiver
 *     owns it and releases it
 * @param snapshot the log that was read
 * @param abortedTransactions for read_committed; null for other reads
 */
public record LogRead(
        @Nullable FileSlice records,
        LogSnapshot snapshot,
        @Nullable List<AbortedTransaction> abortedTransactions) {}
