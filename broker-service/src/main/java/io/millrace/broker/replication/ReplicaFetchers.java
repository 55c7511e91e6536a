package io.millrace.broker.replication;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.runtime.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;

/**
 * The fetchers of this broker's followers: {@code num.replica.fetchers} for each leader, made when a partition first needs one. Any
 * thread; calls for one partition come from its loop.
 */
public final class ReplicaFetchers implements FollowerFetches, AutoCloseable {

    /** {@code partitions} is how many it fetches for; guarded by this object. */
    private static final class Open {
        private final int leaderId;
        private final ReplicaFetcher fetcher;
        private final FetcherHost.Running running;
        private int partitions;

        private Open(int leaderId, ReplicaFetcher fetcher, FetcherHost.Running running) {
            this.leaderId = leaderId;
            this.fetcher = fetcher;
            this.running = running;
        }
    }

    private final FetcherConfig config;
    private final Cluster cluster;
    private final Clock clock;
    private final FetcherHost host;
    /** By leader, in the order in which they were opened. */
    private final Map<Integer, List<Open>> fetchers = new HashMap<>();

    private final Map<TopicIdPartition, Open> current = new HashMap<>();
    private boolean closed;

    public ReplicaFetchers(FetcherConfig config, Cluster cluster, Clock clock) {
        this(config, cluster, clock, new FetcherThreads(config));
    }

    ReplicaFetchers(FetcherConfig config, Cluster cluster, Clock clock, FetcherHost host) {
        this.config = config;
        this.cluster = cluster;
        this.clock = clock;
        this.host = host;
    }

    @Override
    public synchronized void follow(Partition partition, int leaderId, int leaderEpoch, FetchPosition position) {
        if (closed) {
            return;
        }
        Open fetcher = current.get(partition.id());
        if (fetcher == null || fetcher.leaderId != leaderId) {
            stop(partition);
            fetcher = leastUsed(leaderId);
            fetcher.partitions++;
            current.put(partition.id(), fetcher);
        }
        fetcher.fetcher.add(partition, leaderEpoch, position);
    }

    /**
     * Those of one leader share its partitions evenly, whichever these are: leaders take turns along a topic's partitions, so their numbers
     * alone could all lead to one fetcher. A partition stays with its fetcher as long as its leader does.
     */
    private Open leastUsed(int leaderId) {
        List<Open> ofLeader = fetchers.computeIfAbsent(leaderId, unknown -> new ArrayList<>());
        Open least = ofLeader.stream()
                .min(Comparator.comparingInt(open -> open.partitions))
                .orElse(null);
        if (least == null || (least.partitions > 0 && ofLeader.size() < config.numFetchers())) {
            least = open(leaderId, ofLeader.size());
            ofLeader.add(least);
        }
        return least;
    }

    @Override
    public synchronized void stop(Partition partition) {
        Open before = current.remove(partition.id());
        if (before != null) {
            before.partitions--;
            before.fetcher.remove(partition);
        }
    }

    private Open open(int leaderId, int number) {
        LeaderConnection connection = host.connect(leaderId, number);
        ReplicaFetcher fetcher =
                new ReplicaFetcher(config, leaderId, this::endpoint, cluster::brokerEpoch, clock, connection);
        return new Open(leaderId, fetcher, host.start(fetcher, connection, leaderId, number));
    }

    private @Nullable Node endpoint(int leaderId) {
        ClusterImage.Broker broker = cluster.image().broker(leaderId);
        return broker == null ? null : broker.node(config.listener());
    }

    /** Not while holding the lock: fetchers end when their loops have taken what they were given, which may want it. */
    @Override
    public void close() {
        List<Open> all = new ArrayList<>();
        synchronized (this) {
            closed = true;
            fetchers.values().forEach(all::addAll);
        }
        all.forEach(open -> open.running.close());
        host.close();
    }
}
