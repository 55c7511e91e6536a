package io.millrace.broker.log;

import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Log directories in a folder of the test, on one thread. */
final class LogHarness implements AutoCloseable {

    static final long NOW_MS = 1_700_000_000_000L;
    static final int MAX_OPEN_FILES = 64;
    static final Uuid TOPIC_ID = new Uuid(7, 11);

    final InlineLoop loop;
    final FileStore store;
    final Map<String, String> settings = new HashMap<>();
    private final long maxIndexBytes;
    LocalLogDirectories directories;
    List<LogDirectories.FoundLog> found = List.of();

    LogHarness(Path directory, Map<String, String> brokerSettings) {
        this(FileStore.disk(), directory, brokerSettings, new InlineLoop(NOW_MS));
    }

    LogHarness(FileStore store, Path directory, Map<String, String> brokerSettings, InlineLoop loop) {
        this(store, directory, brokerSettings, loop, 1 << 20);
    }

    LogHarness(
            FileStore store, Path directory, Map<String, String> brokerSettings, InlineLoop loop, long maxIndexBytes) {
        this.maxIndexBytes = maxIndexBytes;
        this.store = store;
        this.loop = loop;
        settings.put("log.dirs", directory.toString());
        settings.putAll(brokerSettings);
        open();
    }

    void open() {
        directories = new LocalLogDirectories(
                settings, store, loop, RandomSource.system(), loop, loop, MAX_OPEN_FILES, maxIndexBytes);
        found = directories.recover((partition, id) -> loop);
    }

    /** The process died: nothing was flushed or marked. */
    void reopenAfterCrash() {
        open();
    }

    void reopenAfterClose() {
        directories.close();
        open();
    }

    PartitionLog log(String topic, Map<String, String> overrides) {
        PartitionLog[] opened = new PartitionLog[1];
        directories.open(new TopicPartition(topic, 0), TOPIC_ID, loop, overrides, null, (log, problem) -> {
            if (problem != null) {
                throw problem;
            }
            opened[0] = log;
        });
        return opened[0];
    }

    PartitionLog log(String topic) {
        return log(topic, Map.of());
    }

    @Override
    public void close() {
        directories.close();
    }

    static MemoryRecords records(String... values) {
        return recordsAt(NOW_MS, values);
    }

    static MemoryRecords recordsAt(long timestampMs, String... values) {
        return MemoryRecords.withRecords(Compression.NONE, simple(timestampMs, values));
    }

    static MemoryRecords keyed(String key, String value) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(NOW_MS, bytes(key), bytes(value)));
    }

    static MemoryRecords idempotent(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(NOW_MS, values));
    }

    static MemoryRecords transactional(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(NOW_MS, values));
    }

    static SimpleRecord[] simple(long timestampMs, String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(timestampMs, bytes("k" + i), bytes(values[i]));
        }
        return records;
    }

    static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static AppendResult.Appended append(PartitionLog log, MemoryRecords records) {
        return append(log, records, 0);
    }

    static AppendResult.Appended append(PartitionLog log, MemoryRecords records, int epoch) {
        AppendResult result = log.appendAsLeader(records, epoch, AppendOrigin.CLIENT);
        if (result instanceof AppendResult.Appended appended) {
            return appended;
        }
        throw new AssertionError("not appended: " + result);
    }

    /** Every record below the log end, read through fetches of a given size. */
    static List<String> readAll(PartitionLog log, int maxBytes) {
        List<String> values = new ArrayList<>();
        LogSnapshot snapshot = log.snapshot();
        long offset = snapshot.logStartOffset();
        while (offset < snapshot.logEndOffset()) {
            LogRead read = log.read(offset, maxBytes, snapshot.logEndOffset(), true, false);
            if (read.records() == null) {
                break;
            }
            long before = offset;
            for (var batch : bytesOf(read.records()).batches()) {
                batch.ensureValid();
                for (Record record : batch) {
                    if (record.offset() >= offset) {
                        values.add(record.offset() + ":" + text(record.value()));
                    }
                }
                offset = Math.max(offset, batch.nextOffset());
            }
            if (offset == before) {
                throw new AssertionError("a read at " + offset + " made no progress");
            }
        }
        return values;
    }

    static String text(ByteBuffer value) {
        return value == null
                ? null
                : StandardCharsets.UTF_8.decode(value.duplicate()).toString();
    }

    /** Reads a slice as the network would send it, and gives it back. */
    static MemoryRecords bytesOf(FileSlice slice) {
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
        try {
            while (bytes.hasRemaining()) {
                if (slice.channel().read(bytes, slice.position() + bytes.position()) < 0) {
                    throw new AssertionError("the slice goes beyond its file");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            slice.release();
        }
        return MemoryRecords.readableRecords(bytes.flip());
    }
}
