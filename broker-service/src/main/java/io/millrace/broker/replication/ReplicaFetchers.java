package io.millrace.broker.replication;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.runtime.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;

/**
 * The fetchers of this broker's followers: {@code num.replica.fetchers} for each leader, made when a partition first needs one. Any
 * thread; calls for one partition come from its loop.
 */
public final class ReplicaFetchers implements FollowerFetches, AutoCloseable {

    private record Key(int leaderId, int number) {}

    private record Open(ReplicaFetcher fetcher, FetcherHost.Running running) {}

    private final FetcherConfig config;
    private final Cluster cluster;
    private final Clock clock;
    private final FetcherHost host;
    private final Map<Key, Open> fetchers = new ConcurrentHashMap<>();
    private final Map<TopicIdPartition, ReplicaFetcher> current = new ConcurrentHashMap<>();
    private volatile boolean closed;

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
    public void follow(Partition partition, int leaderId, int leaderEpoch, FetchPosition position) {
        if (closed) {
            return;
        }
        int number = Math.floorMod(partition.id().topicPartition().hashCode(), config.numFetchers());
        ReplicaFetcher fetcher =
                fetchers.computeIfAbsent(new Key(leaderId, number), this::open).fetcher();
        ReplicaFetcher before = current.put(partition.id(), fetcher);
        if (before != null && before != fetcher) {
            before.remove(partition);
        }
        fetcher.add(partition, leaderEpoch, position);
    }

    @Override
    public void stop(Partition partition) {
        ReplicaFetcher before = current.remove(partition.id());
        if (before != null) {
            before.remove(partition);
        }
    }

    private Open open(Key key) {
        LeaderConnection connection = host.connect(key.leaderId(), key.number());
        ReplicaFetcher fetcher =
                new ReplicaFetcher(config, key.leaderId(), this::endpoint, cluster::brokerEpoch, clock, connection);
        return new Open(fetcher, host.start(fetcher, connection, key.leaderId(), key.number()));
    }

    private @Nullable Node endpoint(int leaderId) {
        ClusterImage.Broker broker = cluster.image().broker(leaderId);
        return broker == null ? null : broker.node(config.listener());
    }

    @Override
    public void close() {
        closed = true;
        fetchers.values().forEach(open -> open.running().close());
        host.close();
    }
}
