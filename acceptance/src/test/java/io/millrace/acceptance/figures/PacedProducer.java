package io.millrace.acceptance.figures;

import io.millrace.acceptance.broker.KafkaClients;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** An idempotent producer of a thousand records a second with acks=all, and the longest time without an acknowledgement. */
final class PacedProducer implements AutoCloseable {

    private static final long PACE_NS = 1_000_000;

    private final Thread thread;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private long lastNs;
    private long longestNs;
    private volatile boolean stopped;

    PacedProducer(String bootstrap, String topic) {
        thread = Thread.ofPlatform().name("paced-producer").start(() -> produce(bootstrap, topic));
    }

    private void produce(String bootstrap, String topic) {
        String value = "x".repeat(100);
        try (KafkaProducer<String, String> producer = KafkaClients.producer(bootstrap, Map.of("acks", "all"))) {
            long nextNs = System.nanoTime();
            while (!stopped) {
                producer.send(new ProducerRecord<>(topic, 0, null, value), (metadata, error) -> {
                    if (error == null) {
                        acknowledged();
                    } else {
                        failure.compareAndSet(null, error);
                    }
                });
                nextNs += PACE_NS;
                LockSupport.parkNanos(nextNs - System.nanoTime());
            }
        }
    }

    private synchronized void acknowledged() {
        long nowNs = System.nanoTime();
        if (lastNs != 0) {
            longestNs = Math.max(longestNs, nowNs - lastNs);
        }
        lastNs = nowNs;
        acknowledged.incrementAndGet();
    }

    synchronized void forgetGaps() {
        longestNs = 0;
    }

    /** The longest time between two acknowledgements since {@link #forgetGaps}. */
    synchronized Duration longestGap() {
        return Duration.ofNanos(longestNs);
    }

    /** Waits for that many more acknowledgements. */
    void awaitMore(int count) {
        long goal = acknowledged.get() + count;
        long deadlineNs = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (acknowledged.get() < goal) {
            Exception failed = failure.get();
            if (failed != null || System.nanoTime() > deadlineNs) {
                throw new AssertionError(acknowledged + " of " + goal + " records acknowledged", failed);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
