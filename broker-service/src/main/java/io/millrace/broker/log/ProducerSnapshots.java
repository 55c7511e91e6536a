package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.utils.Crc32C;
import org.apache.kafka.server.log.remote.metadata.storage.generated.ProducerSnapshot;
import org.apache.kafka.server.log.remote.metadata.storage.generated.ProducerSnapshot.ProducerEntry;
import org.jspecify.annotations.Nullable;

/** The {@code .snapshot} files of a log: its producers as they were at the offset in the file's name. */
final class ProducerSnapshots {

    private static final short VERSION = ProducerSnapshot.HIGHEST_SUPPORTED_VERSION;
    private static final int CRC_AT = 2;
    private static final int ENTRIES_AT = 6;

    private ProducerSnapshots() {}

    static byte[] encode(Collection<Producer> producers) {
        List<ProducerEntry> entries = new ArrayList<>(producers.size());
        for (Producer producer : producers) {
            entries.add(new ProducerEntry()
                    .setProducerId(producer.id())
                    .setEpoch(producer.epoch())
                    .setLastSequence(producer.lastSequence())
                    .setLastOffset(producer.lastOffset())
                    .setOffsetDelta(producer.lastOffsetDelta())
                    .setTimestamp(producer.lastTimestampMs())
                    .setCoordinatorEpoch(producer.coordinatorEpoch())
                    .setCurrentTxnFirstOffset(producer.openTransactionOffset()));
        }
        ByteBuffer bytes =
                MessageUtil.toVersionPrefixedByteBuffer(VERSION, new ProducerSnapshot().setProducerEntries(entries));
        long crc = Crc32C.compute(bytes, ENTRIES_AT, bytes.limit() - ENTRIES_AT);
        bytes.putInt(CRC_AT, (int) crc);
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        return content;
    }

    /** Reads a snapshot; null when it is damaged. */
    static @Nullable List<Producer> read(FileStore store, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(store.readAll(file));
        try {
            if (bytes.remaining() < ENTRIES_AT || bytes.getShort(0) != VERSION) {
                return null;
            }
            if ((int) Crc32C.compute(bytes, ENTRIES_AT, bytes.limit() - ENTRIES_AT) != bytes.getInt(CRC_AT)) {
                return null;
            }
            bytes.position(Short.BYTES);
            List<Producer> producers = new ArrayList<>();
            for (ProducerEntry entry : new ProducerSnapshot(new ByteBufferAccessor(bytes), VERSION).producerEntries()) {
                producers.add(producer(entry));
            }
            return producers;
        } catch (RuntimeException e) {
            LogEvents.LOG.warn("{} cannot be read as a producer snapshot", file, e);
            return null;
        }
    }

    private static Producer producer(ProducerEntry entry) {
        Producer producer = new Producer(
                entry.producerId(),
                entry.epoch(),
                entry.coordinatorEpoch(),
                entry.timestamp(),
                entry.currentTxnFirstOffset());
        if (entry.lastOffset() >= 0) {
            producer.addBatch(
                    entry.epoch(), entry.lastSequence(), entry.lastOffset(), entry.offsetDelta(), entry.timestamp());
        }
        return producer;
    }
}
