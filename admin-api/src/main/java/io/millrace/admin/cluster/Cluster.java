package io.millrace.admin.cluster;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * One Kafka cluster and the way to speak to it: a shared Admin client, made on first use, and short-lived consumers.
 *
 * <p>Safe for any thread.
 */
public final class Cluster implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private final MillraceProperties.ClusterEntry entry;
    private final Duration requestTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Admin admin;
    private volatile @Nullable KafkaProducer<byte[], byte[]> producer;

    Cluster(MillraceProperties.ClusterEntry entry, Duration requestTimeout) {
        this.entry = entry;
        this.requestTimeout = requestTimeout;
    }

    public String id() {
        return entry.id();
    }

    public String bootstrapServers() {
        return entry.bootstrapServers();
    }

    public Duration requestTimeout() {
        return requestTimeout;
    }

    /** The shared Admin client. */
    public Admin admin() {
        Admin existing = admin;
        if (existing != null) return existing;
        lock.lock();
        try {
            Admin again = admin;
            if (again == null) admin = again = Admin.create(clientSettings("admin"));
            return again;
        } finally {
            lock.unlock();
        }
    }

    /** A consumer without a group for one caller, who closes it. */
    public KafkaConsumer<byte[], byte[]> newConsumer(Map<String, Object> overrides) {
        Map<String, Object> settings = clientSettings("reader");
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        settings.put("allow.auto.create.topics", false);
        settings.putAll(overrides);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A producer for one caller, who closes it. */
    public KafkaProducer<byte[], byte[]> newProducer(Map<String, Object> overrides) {
        Map<String, Object> settings = clientSettings("producer");
        settings.putAll(overrides);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** The shared producer: acks=all, idempotent, and quick to give up, because a person is waiting. */
    public KafkaProducer<byte[], byte[]> producer() {
        KafkaProducer<byte[], byte[]> existing = producer;
        if (existing != null) return existing;
        lock.lock();
        try {
            KafkaProducer<byte[], byte[]> again = producer;
            if (again == null) {
                int timeoutMs = (int) requestTimeout.toMillis();
                producer = again = newProducer(
                        Map.of("max.block.ms", timeoutMs, "delivery.timeout.ms", timeoutMs, "linger.ms", 0));
            }
            return again;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an answer of the cluster; a failure leaves as a problem. */
    public <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(requestTimeout.toMillis() + 2_000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw KafkaProblems.of(failure);
        } catch (java.util.concurrent.TimeoutException slow) {
            throw KafkaProblems.of(
                    new org.apache.kafka.common.errors.TimeoutException("no answer within " + requestTimeout, slow));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping.");
        }
    }

    /**
     * Waits until the brokers show a change that the controller has made: they learn of it a moment later. Whether they do
     * within {@code limit} is not told, because the change is made all the same.
     */
    public void awaitShown(BooleanSupplier shown, Duration limit) {
        long endNanos = System.nanoTime() + limit.toNanos();
        try {
            while (!shown.getAsBoolean() && System.nanoTime() < endNanos) Thread.sleep(LOOK_AGAIN);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping.");
        }
    }

    private Map<String, Object> clientSettings(String role) {
        Map<String, Object> settings = new HashMap<>();
        int timeoutMs = (int) requestTimeout.toMillis();
        settings.put("request.timeout.ms", timeoutMs);
        settings.put("default.api.timeout.ms", timeoutMs);
        settings.put("reconnect.backoff.max.ms", 1_000);
        settings.putAll(entry.properties());
        settings.put("bootstrap.servers", entry.bootstrapServers());
        settings.put("client.id", "millrace-" + role);
        if (role.equals("admin") || role.equals("producer")) settings.put("enable.metrics.push", false);
        return settings;
    }

    @Override
    public void close() {
        Admin openAdmin = admin;
        if (openAdmin != null) openAdmin.close(Duration.ofSeconds(1));
        KafkaProducer<byte[], byte[]> openProducer = producer;
        if (openProducer != null) openProducer.close(Duration.ofSeconds(1));
    }
}
