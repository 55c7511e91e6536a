package io.millrace.admin.record;

import io.millrace.admin.mask.RecordMask;
import io.millrace.admin.mask.ShownRecord;
import io.millrace.admin.schema.PayloadDecoder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** How records are looked at: decoded, masked, filtered, and what matches is shown. Used by one thread. */
record RecordLook(RecordMask mask, PayloadDecoder decoder, RecordFilter filter, int maxBytes) {

    /** The record as it may be seen; null if it is not wanted. */
    @Nullable
    ShownRecord match(ConsumerRecord<byte[], byte[]> record) {
        ShownRecord shown = mask.show(record, decoder);
        return filter.matches(shown) ? shown : null;
    }

    RecordView view(ShownRecord record) {
        return RecordView.of(record, maxBytes);
    }
}
