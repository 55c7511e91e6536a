package io.millrace.broker.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Tells, of batches that are shown to it in the order of their offsets, which belong to aborted transactions and which markers have no
 * batch left that needs them. One thread at a time.
 */
final class CleanerTransactions {

    private static final class Open {
        private final TransactionIndex.Aborted aborted;
        private boolean seen;

        Open(TransactionIndex.Aborted aborted) {
            this.aborted = aborted;
        }
    }

    /** Not begun yet, by first offset. */
    private final ArrayDeque<TransactionIndex.Aborted> coming;

    private final Map<Long, Open> aborted = new HashMap<>();

    /** Producers of which batches of a transaction that is not aborted were seen, but not its marker. */
    private final Set<Long> committing = new HashSet<>();

    private final List<TransactionIndex.Aborted> stillNeeded = new ArrayList<>();

    /** @param decided aborted transactions that end at or above the first batch's offset */
    CleanerTransactions(List<TransactionIndex.Aborted> decided) {
        coming = new ArrayDeque<>(decided.stream()
                .sorted(Comparator.comparingLong(TransactionIndex.Aborted::firstOffset))
                .toList());
    }

    /** Whether a batch with records belongs to an aborted transaction. */
    boolean isAborted(RecordBatch batch) {
        begin(batch.lastOffset());
        if (!batch.isTransactional()) {
            return false;
        }
        Open open = aborted.get(batch.producerId());
        if (open != null && open.aborted.lastOffset() > batch.lastOffset()) {
            open.seen = true;
            return true;
        }
        committing.add(batch.producerId());
        return false;
    }

    /** Whether no batch of a control batch's transaction was seen, so that nobody needs it. */
    boolean isSuperfluous(RecordBatch marker) {
        begin(marker.lastOffset());
        ControlRecordType type = type(marker);
        if (type == null) {
            return true; // Its record was removed by an earlier compaction.
        }
        return switch (type) {
            case ABORT -> {
                Open open = aborted.remove(marker.producerId());
                if (open == null || !open.seen) {
                    yield true;
                }
                stillNeeded.add(open.aborted);
                yield false;
            }
            case COMMIT -> !committing.remove(marker.producerId());
            default -> false; // Not of transactions.
        };
    }

    /** Aborted transactions of which a batch and then the marker were seen since the last call. */
    List<TransactionIndex.Aborted> takeStillNeeded() {
        List<TransactionIndex.Aborted> taken = List.copyOf(stillNeeded);
        stillNeeded.clear();
        return taken;
    }

    private void begin(long upToOffset) {
        while (!coming.isEmpty() && coming.peek().firstOffset() <= upToOffset) {
            TransactionIndex.Aborted next = coming.remove();
            aborted.put(next.producerId(), new Open(next));
        }
    }

    private static @Nullable ControlRecordType type(RecordBatch marker) {
        Iterator<Record> records = marker.iterator();
        return records.hasNext() ? ControlRecordType.parse(records.next().key()) : null;
    }
}
