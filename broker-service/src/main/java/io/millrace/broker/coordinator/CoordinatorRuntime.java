package io.millrace.broker.coordinator;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.IoWorkers;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of one internal topic on this broker: brings them up and down with the leadership of their partitions and takes requests
 * to them. Requests may come from any thread; {@link #elected} and {@link #resigned} come on the partition's loop.
 */
public final class CoordinatorRuntime<S extends CoordinatorShard> {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorRuntime.class);

    /** One request as a shard sees it. The reply may be kept and answered by a later decision. */
    public interface Operation<S, T> {
        void run(S shard, Moment now, Decision decision, Reply<T> reply);
    }

    /** Told how loading went; on the partition's loop. */
    public interface LoadListener {
        void loaded(int partition, long durationMs, long records);
    }

    private record Hosted<S extends CoordinatorShard>(ShardHost<S> host, int leaderEpoch) {}

    private final String topic;
    private final IntFunction<S> newShard;
    private final RecordCodec codec;
    private final RuntimeOptions options;
    private final Clock clock;
    private final IoWorkers workers;
    private final Consumer<CoordinatorEvent> events;
    private final LoadListener loadListener;
    private final ConcurrentHashMap<Integer, Hosted<S>> hosts = new ConcurrentHashMap<>();

    public CoordinatorRuntime(
            String topic,
            IntFunction<S> newShard,
            RecordCodec codec,
            RuntimeOptions options,
            Clock clock,
            IoWorkers workers,
            Consumer<CoordinatorEvent> events,
            LoadListener loadListener) {
        this.topic = topic;
        this.newShard = newShard;
        this.codec = codec;
        this.options = options;
        this.clock = clock;
        this.workers = workers;
        this.events = events;
        this.loadListener = loadListener;
    }

    public String topic() {
        return topic;
    }

    /** Partitions whose shard is here, loading ones included. */
    public List<Integer> partitions() {
        return List.copyOf(new TreeMap<>(hosts).keySet());
    }

    /** Takes a request to a shard; completes on the shard's loop, or at once if the shard is not here. */
    public <T> CompletableFuture<T> ask(int partition, Function<Errors, T> refusal, Operation<S, T> operation) {
        return send(partition, refusal, operation, false);
    }

    /** Like {@link #ask} for operations that depend on nothing that their like append, such as offset commits: they share appends. */
    public <T> CompletableFuture<T> gather(int partition, Function<Errors, T> refusal, Operation<S, T> operation) {
        return send(partition, refusal, operation, true);
    }

    private <T> CompletableFuture<T> send(
            int partition, Function<Errors, T> refusal, Operation<S, T> operation, boolean gather) {
        Hosted<S> hosted = hosts.get(partition);
        if (hosted == null) {
            return CompletableFuture.completedFuture(refusal.apply(Errors.NOT_COORDINATOR));
        }
        var reply = new Reply<>(new CompletableFuture<>(), refusal);
        hosted.host().loop().run(() -> {
            if (gather) {
                hosted.host().gather(reply, operation);
            } else {
                hosted.host().run(reply, operation);
            }
        });
        return reply.future();
    }

    /** This broker became leader of a partition of the topic, or remains so in a newer epoch. */
    public void elected(int partition, int leaderEpoch, CoordinatorLog log) {
        Hosted<S> present = hosts.get(partition);
        if (present != null) {
            if (present.leaderEpoch() < leaderEpoch) {
                hosts.put(partition, new Hosted<>(present.host(), leaderEpoch));
            }
            return;
        }
        String name = topic + "-" + partition;
        var host = new ShardHost<>(name, newShard.apply(partition), log, clock, options, events);
        hosts.put(partition, new Hosted<>(host, leaderEpoch));
        load(name, partition, host);
    }

    private void load(String name, int partition, ShardHost<S> host) {
        long startedMs = Moment.of(clock).monotonicMs();
        LOG.debug(
                "{}: loading coordinator state up to offset {}",
                name,
                host.log().endOffset());
        var outcome = new Loading(name, partition, host, startedMs);
        var loader = new ShardLoader<>(name, host, codec, workers, options.loadBufferSizeBytes(), outcome);
        outcome.loader = loader;
        loader.proceed();
    }

    private final class Loading implements ShardLoader.Completion {
        private final String name;
        private final int partition;
        private final ShardHost<S> host;
        private final long startedMs;
        private @Nullable ShardLoader<S> loader;

        Loading(String name, int partition, ShardHost<S> host, long startedMs) {
            this.name = name;
            this.partition = partition;
            this.host = host;
            this.startedMs = startedMs;
        }

        @Override
        public void loaded(long endOffsetExclusive, @Nullable Exception failure) {
            if (failure != null) {
                LOG.error(
                        "{}: coordinator state could not be loaded; its groups are refused until another broker leads the partition",
                        name,
                        failure);
                host.close();
                hosts.values().removeIf(hosted -> hosted.host() == host);
                return;
            }
            host.activate(endOffsetExclusive);
            long durationMs = Moment.of(clock).monotonicMs() - startedMs;
            long records = loader == null ? 0 : loader.recordCount();
            if (records > 0) {
                LOG.info("{}: loaded coordinator state of {} records in {} ms", name, records, durationMs);
            }
            loadListener.loaded(partition, durationMs, records);
        }
    }

    /** This broker no longer leads a partition of the topic as of {@code leaderEpoch}. */
    public void resigned(int partition, int leaderEpoch) {
        Hosted<S> present = hosts.get(partition);
        if (present == null || present.leaderEpoch() > leaderEpoch) {
            return;
        }
        hosts.remove(partition);
        present.host().close();
        LOG.debug("{}-{}: coordinator state unloaded in epoch {}", topic, partition, leaderEpoch);
    }

    /** Gives a message to every shard that is here, each on its loop; nothing is answered. */
    public void tell(Operation<S, Boolean> operation) {
        for (int partition : partitions()) {
            var _ = ask(partition, error -> false, operation);
        }
    }

    /** Closes all shards, so that nobody waits for an answer of a broker that stops. Any thread; complete when all are closed. */
    public CompletableFuture<Void> shutdown() {
        var closed = new ArrayList<CompletableFuture<?>>();
        for (Hosted<S> hosted : hosts.values()) {
            var done = new CompletableFuture<@Nullable Void>();
            closed.add(done);
            hosted.host().loop().run(() -> {
                hosted.host().close();
                done.complete(null);
            });
        }
        hosts.clear();
        return CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new));
    }
}
