package io.millrace.admin.acks;

import io.millrace.admin.acks.AcksRun.Plan;
import io.millrace.admin.acks.AcksRun.Sent;
import io.millrace.admin.problem.KafkaProblems;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Sends numbered records at a steady rate and notes when each is acknowledged, or why it is not. One run, one thread. */
final class AcksProducer {
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock: acknowledgements come on the producer's thread.
    private final List<Integer> acknowledged = new ArrayList<>();
    private final List<Long> latencies = new ArrayList<>();
    private final Map<String, Integer> failures = new TreeMap<>();
    private final Map<Integer, Long> endOffsets = new TreeMap<>();

    static Map<String, Object> settings(Plan plan, int requestTimeoutMs) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("acks", plan.acks());
        settings.put("linger.ms", 0);
        settings.put("max.block.ms", requestTimeoutMs);
        settings.put("request.timeout.ms", requestTimeoutMs);
        settings.put("delivery.timeout.ms", requestTimeoutMs);
        if (plan.retry()) {
            settings.put("enable.idempotence", plan.acks().equals("all"));
        } else {
            settings.put("enable.idempotence", false);
            settings.put("retries", 0);
        }
        return settings;
    }

    Sent send(Producer<byte[], byte[]> producer, String topic, int partitions, Plan plan) throws InterruptedException {
        // Metadata and connections are not what is measured.
        producer.partitionsFor(topic);
        long started = System.nanoTime();
        int sent = 0;
        for (int number = 0; number < plan.records(); number++) {
            if (plan.recordsPerSecond() > 0) waitUntil(started + number * 1_000_000_000L / plan.recordsPerSecond());
            Future<RecordMetadata> answer = sendOne(producer, topic, number % partitions, number, plan.sizeBytes());
            sent++;
            if (plan.recordsPerSecond() == 0 && answer != null) await(answer);
        }
        producer.flush();
        long tookMs = (System.nanoTime() - started) / 1_000_000;
        lock.lock();
        try {
            return new Sent(
                    List.copyOf(acknowledged),
                    List.copyOf(latencies),
                    new TreeMap<>(failures),
                    new TreeMap<>(endOffsets),
                    sent,
                    tookMs);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Future<RecordMetadata> sendOne(
            Producer<byte[], byte[]> producer, String topic, int partition, int number, int sizeBytes) {
        byte[] value = ByteBuffer.allocate(Math.max(sizeBytes, Integer.BYTES))
                .putInt(number)
                .array();
        long began = System.nanoTime();
        try {
            return producer.send(new ProducerRecord<>(topic, partition, null, value), (written, failure) -> {
                long micros = (System.nanoTime() - began) / 1_000;
                lock.lock();
                try {
                    if (failure == null) {
                        acknowledged.add(number);
                        latencies.add(micros);
                        // With acks=0 nobody tells.
                        if (written.hasOffset()) endOffsets.merge(partition, written.offset() + 1, Math::max);
                    } else {
                        failures.merge(nameOf(failure), 1, Integer::sum);
                    }
                } finally {
                    lock.unlock();
                }
            });
        } catch (KafkaException failure) {
            lock.lock();
            try {
                failures.merge(nameOf(failure), 1, Integer::sum);
            } finally {
                lock.unlock();
            }
            return null;
        }
    }

    private static String nameOf(Throwable failure) {
        return Errors.forException(KafkaProblems.unwrap(failure)).name();
    }

    private static void await(Future<RecordMetadata> answer) throws InterruptedException {
        try {
            answer.get();
        } catch (ExecutionException counted) {
            // The callback has counted it.
            return;
        }
    }

    private static void waitUntil(long nanos) throws InterruptedException {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) throw new InterruptedException();
        }
    }
}
