package io.millrace.broker.replication;

import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.LogContext;

/** A thread and a socket for each fetcher. Any thread. */
final class FetcherThreads implements FetcherHost {

    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final FetcherConfig config;
    private final Metrics metrics = new Metrics();
    private final AnswerBuffers buffers;

    FetcherThreads(FetcherConfig config) {
        this.config = config;
        this.buffers = new AnswerBuffers(config.responseMaxBytes());
    }

    private static String name(int leaderId, int number) {
        return "replica-fetcher-" + leaderId + "-" + number;
    }

    @Override
    public LeaderConnection connect(int leaderId, int number) {
        return new SocketConnection(
                config,
                "broker-" + config.brokerId() + "-fetcher-" + leaderId + "-" + number,
                metrics,
                buffers,
                new LogContext("[" + name(leaderId, number) + "] "));
    }

    @Override
    public Running start(ReplicaFetcher fetcher, LeaderConnection connection, int leaderId, int number) {
        FetcherThread running = new FetcherThread(fetcher, connection, name(leaderId, number));
        running.thread.start();
        return running;
    }

    private static final class FetcherThread implements Running {
        private final ReplicaFetcher fetcher;
        private final LeaderConnection connection;
        private final Thread thread;
        private volatile boolean closed;

        FetcherThread(ReplicaFetcher fetcher, LeaderConnection connection, String name) {
            this.fetcher = fetcher;
            this.connection = connection;
            this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        }

        private void run() {
            try (connection) {
                while (!closed) {
                    fetcher.turn();
                }
            }
        }

        @Override
        public void close() {
            closed = true;
            connection.wakeup();
            try {
                thread.join(CLOSE_TIMEOUT_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        metrics.close();
    }
}
