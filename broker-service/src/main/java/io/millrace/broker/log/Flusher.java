package io.millrace.broker.log;

import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one flusher of a volume (group commit): while it syncs one log, whoever else needs a sync of a log queues it, once, and one sync
 * then serves all appends that came before it. Runs on an I/O worker while there is work. Bound: every log is queued at most once.
 */
final class Flusher {

    private final Volume volume;
    private final ConcurrentLinkedQueue<PartitionLog> wanted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();

    Flusher(Volume volume) {
        this.volume = volume;
    }

    /** Syncs the log as soon as the disk is free; the log sees to it that it is queued once. Any thread. */
    void request(PartitionLog log) {
        wanted.add(log);
        startIfIdle();
    }

    private void startIfIdle() {
        if (running.compareAndSet(false, true)) {
            volume.submit(this::run);
        }
    }

    private void run() {
        try {
            for (PartitionLog log = wanted.poll(); log != null; log = wanted.poll()) {
                flush(log);
            }
        } finally {
            running.set(false);
            if (!wanted.isEmpty()) {
                startIfIdle();
            }
        }
    }

    private void flush(PartitionLog log) {
        try {
            log.flush().flushNow();
        } catch (IOException e) {
            log.failed("flushing", e);
            log.flushFailed();
        }
    }
}
