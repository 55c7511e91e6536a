package io.millrace.broker.log;

import io.millrace.broker.runtime.IoWorkers;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Flushes and closes the logs of one volume when the broker stops, several at a time. Used once. */
final class CleanShutdown {

    private final Volume volume;
    private final ConcurrentLinkedQueue<PartitionLog> waiting;
    private final AtomicInteger failures = new AtomicInteger();

    CleanShutdown(Volume volume, Collection<PartitionLog> logs) {
        this.volume = volume;
        this.waiting = new ConcurrentLinkedQueue<>(logs);
    }

    /** Blocks until all are closed. The volume is offline afterwards if one could not be. */
    void run(IoWorkers workers, int threads) {
        CountDownLatch latch = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            workers.submit(() -> {
                try {
                    closeWaiting();
                } catch (IOException e) {
                    failures.incrementAndGet();
                    volume.fail("closing the logs", e);
                } finally {
                    latch.countDown();
                }
            });
        }
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            volume.fail("closing the logs", new IOException("interrupted", e));
        }
    }

    private void closeWaiting() throws IOException {
        for (PartitionLog log = waiting.poll(); log != null && failures.get() == 0; log = waiting.poll()) {
            if (log.offlineReason() == null) {
                log.flush().close();
            }
        }
    }
}
