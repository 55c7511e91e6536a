package io.millrace.admin.schema;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.AvroRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * One Schema Registry. Payloads in its wire format begin with
 *
 * <pre>
 * 0 (1 byte) | schema id (4 bytes, big endian) | body
 * </pre>
 *
 * <p>Keeps the {@value #KEPT} schemas that were used last. What the registry did not know is asked for again after a minute, and a
 * registry that does not answer is left alone for some seconds, so that a search is not slowed down by it. Any thread.
 */
final class SchemaRegistry implements PayloadDecoder, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistry.class);
    private static final int KEPT = 1_000;
    private static final int PREFIX_BYTES = 5;
    private static final long UNKNOWN_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long UNREACHABLE_NANOS = Duration.ofSeconds(5).toNanos();

    private final RegistryClient client;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Known> schemas = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Known> eldest) {
            return size() > KEPT;
        }
    };
    // Guarded by lock.
    private @Nullable Known unreachable;

    SchemaRegistry(RegistryClient client) {
        this.client = client;
    }

    /** A reader, or why there is none, until when that is believed. */
    private record Known(@Nullable PayloadReader reader, String problem, long untilNanos) {
        boolean current() {
            return reader != null || System.nanoTime() - untilNanos < 0;
        }
    }

    @Override
    public @Nullable Decoded decode(byte @Nullable [] payload) {
        if (payload == null || payload.length < PREFIX_BYTES || payload[0] != 0) return null;
        ByteBuffer bytes = ByteBuffer.wrap(payload);
        int id = bytes.getInt(1);
        if (id <= 0) return null;
        ByteBuffer body = bytes.slice(PREFIX_BYTES, payload.length - PREFIX_BYTES);
        Known known = schema(id);
        PayloadReader reader = known.reader();
        if (reader == null) return new Decoded(null, new SchemaUse(id, null, null, known.problem()));
        try {
            String name = reader.name(body.duplicate());
            return new Decoded(reader.read(body).toString(), new SchemaUse(id, reader.type(), name, null));
        } catch (IOException | RuntimeException | StackOverflowError malformed) {
            // Whatever a library makes of bytes that are not what they claim to be: the record is shown, undecoded.
            String why = "it is not what schema " + id + " says: " + malformed.getMessage();
            return new Decoded(null, new SchemaUse(id, reader.type(), null, why));
        }
    }

    private Known schema(int id) {
        lock.lock();
        try {
            Known known = schemas.get(id);
            if (known != null && known.current()) return known;
            Known down = unreachable;
            if (down != null && down.current()) return down;
            return ask(id);
        } finally {
            lock.unlock();
        }
    }

    private Known ask(int id) {
        long now = System.nanoTime();
        try {
            unreachable = null;
            return keep(id, new Known(client.reader(id), "", now));
        } catch (RegistryClient.UnknownSchemaException absent) {
            return keep(id, new Known(null, String.valueOf(absent.getMessage()), now + UNKNOWN_NANOS));
        } catch (AvroRuntimeException | IllegalStateException | IllegalArgumentException | JacksonException wrong) {
            String why = "schema " + id + " cannot be used: " + wrong.getMessage();
            return keep(id, new Known(null, why, now + UNKNOWN_NANOS));
        } catch (IOException failure) {
            LOG.debug("schema registry {} did not answer", client.base(), failure);
            String why = "the schema registry at " + client.base() + " does not answer ("
                    + (failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage())
                    + "); payloads are shown as they are until it does";
            Known down = new Known(null, why, System.nanoTime() + UNREACHABLE_NANOS);
            unreachable = down;
            return down;
        }
    }

    private Known keep(int id, Known known) {
        schemas.put(id, known);
        return known;
    }

    @Override
    public void close() {
        client.close();
    }
}
