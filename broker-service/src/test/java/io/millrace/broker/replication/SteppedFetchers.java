package io.millrace.broker.replication;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.runtime.Clock;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** The production fetchers, whose turns and connections are in the hands of a simulation. */
public final class SteppedFetchers {

    /** A connection of one fetcher; see {@link LeaderConnection}. */
    public interface Wire {
        boolean ready(Node leader);

        long delayMs(Node leader);

        void send(AbstractRequest.Builder<?> request, RequestCompletionHandler handler);

        /** Calls handlers, and has the next turn come when something happens or {@code timeoutMs} have passed. */
        void poll(long timeoutMs);

        void disconnect();

        void wakeup();

        /** The fetcher begins. */
        void start(Runnable turn);

        void close();
    }

    private SteppedFetchers() {}

    public static ReplicaFetchers of(
            int brokerId, int maxWaitMs, int maxBackoffMs, Cluster cluster, Clock clock, IntFunction<Wire> wires) {
        FetcherConfig config = new FetcherConfig(
                brokerId,
                new ListenerName("INTERNAL"),
                SecurityProtocol.PLAINTEXT,
                new AbstractConfig(new ConfigDef(), Map.of()),
                1,
                maxWaitMs,
                1,
                1 << 20,
                1 << 16,
                maxBackoffMs,
                30_000,
                1 << 16);
        return new ReplicaFetchers(config, cluster, clock, new Host(wires));
    }

    private record Host(IntFunction<Wire> wires) implements FetcherHost {

        @Override
        public LeaderConnection connect(int leaderId, int number) {
            return new Connection(wires.apply(leaderId));
        }

        @Override
        public Running start(ReplicaFetcher fetcher, LeaderConnection connection, int leaderId, int number) {
            ((Connection) connection).wire.start(fetcher::turn);
            return connection::close;
        }

        @Override
        public void close() {
            // Nothing is shared between fetchers.
        }
    }

    private record Connection(Wire wire) implements LeaderConnection {

        @Override
        public boolean ready(Node leader) {
            return wire.ready(leader);
        }

        @Override
        public long delayMs(Node leader) {
            return wire.delayMs(leader);
        }

        @Override
        public void send(Node leader, AbstractRequest.Builder<?> request, RequestCompletionHandler handler) {
            wire.send(request, handler);
        }

        @Override
        public void poll(long timeoutMs) {
            wire.poll(timeoutMs);
        }

        @Override
        public void answerTaken() {
            // Its records are garbage like anything else.
        }

        @Override
        public void disconnect() {
            wire.disconnect();
        }

        @Override
        public void wakeup() {
            wire.wakeup();
        }

        @Override
        public void close() {
            wire.close();
        }
    }
}
