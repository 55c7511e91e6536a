package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.FetchSessionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.utils.LogContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches from one leader, over one connection with one fetch session, for some of the partitions that follow it. Whoever runs it
 * takes one {@link #turn} after the other; what it knows belongs to that thread.
 *
 * <p>It asks, gives each partition's part of the answer to the partition's loop, waits until all are taken, and asks again. Bound of
 * its inbox: a message per change of a partition's role, and one per loop and answer.
 */
final class ReplicaFetcher {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFetcher.class);

    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;

    /**
     * How long a partition that has just come waits for a fetch that the leader has parked; then that fetch is given up, by a new
     * connection. Others that come together should come in time for the same one.
     */
    private static final long NEWCOMER_WAIT_MS = 5;

    /** A stream of newcomers must not keep the others from being fetched. */
    private static final long GIVE_UP_INTERVAL_MS = 50;

    /** A partition's part of an answer on its way through its loop. */
    private record Received(Followed followed, PartitionData data) {}

    private record Step(Followed followed, FollowerStep step) {}

    private final FetcherConfig config;
    private final int leaderId;
    private final IntFunction<@Nullable Node> endpoints;
    private final LongSupplier brokerEpoch;
    private final Clock clock;
    private final LeaderConnection connection;
    private final FetchSessionHandler session;
    private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final Map<TopicPartition, Followed> followed = new HashMap<>();

    /** Counts requests, so that the answer to one that was given up is not taken for another's. */
    private long requestNumber;

    private boolean inFlight;
    private long newcomerSinceMs = -1;
    private long gaveUpMs;
    private int busyLoops;
    private long notBeforeMs;
    private int failures;

    ReplicaFetcher(
            FetcherConfig config,
            int leaderId,
            IntFunction<@Nullable Node> endpoints,
            LongSupplier brokerEpoch,
            Clock clock,
            LeaderConnection connection) {
        this.config = config;
        this.leaderId = leaderId;
        this.endpoints = endpoints;
        this.brokerEpoch = brokerEpoch;
        this.clock = clock;
        this.connection = connection;
        this.session = new FetchSessionHandler(new LogContext("[fetcher of broker " + leaderId + "] "), leaderId);
    }

    /** Any thread. */
    void add(Partition partition, int leaderEpoch, FetchPosition position) {
        send(() -> {
            followed.put(partition.id().topicPartition(), new Followed(partition, leaderEpoch, position));
            newcomerSinceMs = newcomerSinceMs < 0 ? nowMs() : newcomerSinceMs;
        });
    }

    /** Any thread. */
    void remove(Partition partition) {
        send(() -> {
            Followed known = followed.get(partition.id().topicPartition());
            if (known != null && known.partition == partition) {
                followed.remove(partition.id().topicPartition());
            }
        });
    }

    private void send(Runnable message) {
        inbox.add(message);
        connection.wakeup();
    }

    /** Does what is to be done, then waits on the connection until something happens or something is due. */
    void turn() {
        try {
            act();
        } catch (RuntimeException e) {
            LOG.error("Fetching from broker {} failed; going on with a new connection", leaderId, e);
            giveUp(e);
            pause();
        }
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs());
    }

    private void act() {
        for (Runnable message = inbox.poll(); message != null; message = inbox.poll()) {
            message.run();
        }
        long nowMs = nowMs();
        long waitMs = Long.MAX_VALUE;
        if (busyLoops == 0 && !inFlight) {
            waitMs = ask(nowMs);
        } else if (inFlight && newcomerSinceMs >= 0) {
            waitMs = Math.max(newcomerSinceMs + NEWCOMER_WAIT_MS, gaveUpMs + GIVE_UP_INTERVAL_MS) - nowMs;
            if (waitMs <= 0) {
                gaveUpMs = nowMs;
                giveUp(new DisconnectException("a partition has come that the request does not name"));
                waitMs = ask(nowMs);
            }
        }
        connection.poll(Math.max(0, waitMs));
    }

    /** Forgets the request in flight and the session. */
    private void giveUp(RuntimeException reason) {
        connection.disconnect();
        if (inFlight) {
            inFlight = false;
            session.handleError(reason);
        }
        if (busyLoops == 0) {
            connection.answerTaken();
        }
        requestNumber++;
    }

    private void pause() {
        long backoffMs = 10L << Math.min(failures, 10);
        notBeforeMs = nowMs() + Math.min(backoffMs, config.maxBackoffMs());
        failures++;
    }

    /** Sends the next request if there is one; else says how long there will be none, unless something happens. */
    private long ask(long nowMs) {
        if (nowMs < notBeforeMs) {
            return notBeforeMs - nowMs;
        }
        List<Followed> ready = new ArrayList<>();
        long waitMs = Long.MAX_VALUE;
        for (Followed candidate : followed.values()) {
            long delayMs = candidate.delayMs(nowMs);
            if (delayMs > 0) {
                waitMs = Math.min(waitMs, delayMs);
            } else {
                ready.add(candidate);
            }
        }
        newcomerSinceMs = -1;
        if (ready.isEmpty()) {
            return waitMs;
        }
        Node leader = endpoints.apply(leaderId);
        if (leader == null) {
            pause();
            return Math.max(1, notBeforeMs - nowMs);
        }
        if (!connection.ready(leader)) {
            return connection.delayMs(leader);
        }
        Followed lost = ready.stream().filter(one -> one.outOfRange).findFirst().orElse(null);
        if (lost == null) {
            // Who is left out now must not wait until the others have something new.
            fetch(leader, ready, (int) Math.min(config.maxWaitMs(), waitMs));
        } else {
            askForRange(leader, lost);
        }
        return Long.MAX_VALUE;
    }

    private void fetch(Node leader, List<Followed> ready, int maxWaitMs) {
        FetchSessionHandler.Builder builder = session.newBuilder(ready.size(), false);
        for (Followed one : ready) {
            FetchPosition at = one.position;
            builder.add(
                    one.partition.id().topicPartition(),
                    new FetchRequest.PartitionData(
                            one.partition.id().topicId(),
                            at.fetchOffset(),
                            at.logStartOffset(),
                            config.partitionMaxBytes(),
                            Optional.of(one.leaderEpoch),
                            at.lastFetchedEpoch() < 0 ? Optional.empty() : Optional.of(at.lastFetchedEpoch())));
        }
        FetchSessionHandler.FetchRequestData data = builder.build();
        FetchRequest.Builder request = new FetchRequest.Builder(
                        FIRST_VERSION_WITH_TOPIC_IDS,
                        ApiKeys.FETCH.latestVersion(),
                        config.brokerId(),
                        brokerEpoch.getAsLong(),
                        maxWaitMs,
                        config.minBytes(),
                        data.toSend())
                .setMaxBytes(config.responseMaxBytes())
                .removed(data.toForget())
                .replaced(data.toReplace())
                .metadata(data.metadata());
        // Those that are named: a partition may be followed anew, in another epoch, while the request is under way.
        Map<TopicPartition, Followed> asked = new HashMap<>();
        ready.forEach(one -> asked.put(one.partition.id().topicPartition(), one));
        long number = ++requestNumber;
        inFlight = true;
        connection.send(leader, request, response -> {
            if (number == requestNumber) {
                fetched(response, asked);
            }
        });
    }

    private void fetched(ClientResponse response, Map<TopicPartition, Followed> asked) {
        inFlight = false;
        if (!(response.responseBody() instanceof FetchResponse fetch)) {
            session.handleError(broken(response));
            pause();
            return;
        }
        short version = response.requestHeader().apiVersion();
        if (!session.handleResponse(fetch, version)) {
            connection.answerTaken();
            if (fetch.error() != Errors.FETCH_SESSION_ID_NOT_FOUND) {
                pause();
            }
            return;
        }
        failures = 0;
        Map<EventLoop, List<Received>> byLoop = new HashMap<>();
        fetch.responseData(session.sessionTopicNames(), version).forEach((name, data) -> {
            Followed one = asked.get(name);
            if (one == null || followed.get(name) != one) {
                return; // Gone, or followed anew, meanwhile.
            }
            Errors error = Errors.forCode(data.errorCode());
            if (error == Errors.NONE) {
                one.leadersHighWatermark = data.highWatermark();
                one.partition.throttle().received(FetchResponse.recordsSize(data));
                byLoop.computeIfAbsent(one.partition.loop(), loop -> new ArrayList<>())
                        .add(new Received(one, data));
            } else {
                refused(one, error);
            }
        });
        busyLoops = byLoop.size();
        if (busyLoops == 0) {
            connection.answerTaken();
        }
        byLoop.forEach((loop, received) -> loop.execute(() -> deliver(received)));
    }

    private static RuntimeException broken(ClientResponse response) {
        if (response.versionMismatch() != null) {
            return response.versionMismatch();
        }
        return new DisconnectException("the leader's connection broke");
    }

    private void refused(Followed one, Errors error) {
        if (error == Errors.OFFSET_OUT_OF_RANGE) {
            one.outOfRange = true;
            return;
        }
        one.failed(nowMs(), config.maxBackoffMs());
        // The first few are what a change of leader brings along: this broker and the leader hear of it one after the
        // other.
        if (one.failures() > 5) {
            LOG.warn("Broker {} refuses to let {} fetch: {}", leaderId, one.partition.id(), error);
        }
    }

    /** On the partitions' loop. */
    private void deliver(List<Received> received) {
        List<Step> steps = new ArrayList<>();
        for (Received one : received) {
            Followed follower = one.followed();
            Consumer<FollowerStep> done = step -> {
                steps.add(new Step(follower, step));
                if (steps.size() == received.size()) {
                    send(() -> taken(steps));
                }
            };
            try {
                follower.partition.takeFromLeader(follower.leaderEpoch, one.data(), done);
            } catch (RuntimeException e) {
                LOG.error("{} could not take its leader's answer; it is fetched again", follower.partition.id(), e);
                done.accept(new FollowerStep(follower.position, Errors.UNKNOWN_SERVER_ERROR));
            }
        }
    }

    private void taken(List<Step> steps) {
        busyLoops--;
        if (busyLoops == 0) {
            connection.answerTaken();
        }
        for (Step step : steps) {
            taken(step.followed(), step.step());
        }
    }

    private void taken(Followed one, FollowerStep step) {
        FetchPosition next = step.next();
        if (next == null) {
            followed.remove(one.partition.id().topicPartition(), one);
        } else if (step.error() == Errors.NONE) {
            one.succeeded(next);
        } else {
            one.position = next;
            one.failed(nowMs(), config.maxBackoffMs());
        }
    }

    /** Asks where the leader's log ends, then where it begins. */
    private void askForRange(Node leader, Followed lost) {
        long timestamp =
                lost.leadersEnd == null ? ListOffsetsRequest.LATEST_TIMESTAMP : ListOffsetsRequest.EARLIEST_TIMESTAMP;
        TopicPartition name = lost.partition.id().topicPartition();
        ListOffsetsRequest.Builder request = ListOffsetsRequest.Builder.forReplica(
                        ApiKeys.LIST_OFFSETS.latestVersion(), config.brokerId())
                .setTargetTimes(List.of(new ListOffsetsTopic()
                        .setName(name.topic())
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(name.partition())
                                .setCurrentLeaderEpoch(lost.leaderEpoch)
                                .setTimestamp(timestamp)))));
        long number = ++requestNumber;
        inFlight = true;
        connection.send(leader, request, response -> {
            if (number == requestNumber) {
                inFlight = false;
                rangeAnswered(lost, response);
            }
        });
    }

    private void rangeAnswered(Followed lost, ClientResponse response) {
        if (!(response.responseBody() instanceof ListOffsetsResponse answer)) {
            pause();
            return;
        }
        ListOffsetsPartitionResponse data =
                answer.topics().getFirst().partitions().getFirst();
        Errors error = Errors.forCode(data.errorCode());
        if (error != Errors.NONE) {
            refused(lost, error);
            return;
        }
        Long end = lost.leadersEnd;
        if (end == null) {
            lost.leadersEnd = data.offset();
            return;
        }
        busyLoops = 1;
        lost.partition.loop().execute(() -> {
            FollowerStep step = lost.partition.moveIntoLeadersRange(lost.leaderEpoch, data.offset(), end);
            send(() -> taken(List.of(new Step(lost, step))));
        });
    }
}
