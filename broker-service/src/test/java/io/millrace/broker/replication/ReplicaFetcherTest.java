package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One fetcher, whose turns, time and leader are in the hands of the test: what it asks for, and when. */
class ReplicaFetcherTest {

    private static final int LEADER = 1;
    private static final int MAX_WAIT_MS = 500;
    private static final Uuid TOPIC = new Uuid(3, 4);

    @TempDir
    Path directory;

    private final ManualLoop clock = new ManualLoop(0);
    private final Leader leader = new Leader();
    private final ReplicaFetcher fetcher = new ReplicaFetcher(
            new FetcherConfig(
                    2,
                    new ListenerName("INTERNAL"),
                    SecurityProtocol.PLAINTEXT,
                    new AbstractConfig(new ConfigDef(), Map.of()),
                    1,
                    MAX_WAIT_MS,
                    1,
                    1 << 20,
                    1 << 16,
                    1_000,
                    30_000,
                    1 << 16),
            LEADER,
            id -> new Node(id, "leader", 9092),
            () -> 7,
            clock,
            leader);
    private final List<Replica> replicas = new ArrayList<>();

    @BeforeEach
    void follow() {
        for (int number = 0; number < 2; number++) {
            Replica replica =
                    new Replica(2, directory.resolve("log-" + number), 1, new TopicIdPartition(TOPIC, number, "topic"));
            replicas.add(replica);
            replica.learn(LEADER, 0, 0, List.of(1, 2), List.of(1, 2));
            fetcher.add(replica.partition, 0, FetchPosition.of(replica.partition.snapshot()));
        }
    }

    @AfterEach
    void close() {
        replicas.forEach(Replica::close);
    }

    /** Turns until nothing is left to be done. */
    private void turn() {
        for (int i = 0; i < 4; i++) {
            fetcher.turn();
            replicas.forEach(replica -> replica.loop.drain());
        }
    }

    private static PartitionData nothing() {
        return new PartitionData().setHighWatermark(0).setLogStartOffset(0).setRecords(MemoryRecords.EMPTY);
    }

    @Test
    void whoWasRefusedIsAskedForAgainSoonThoughTheOthersHaveNothingNew() {
        turn();
        Fetch all = leader.asked.removeFirst();
        assertThat(all.offsets()).containsOnlyKeys(0, 1);
        assertThat(all.maxWaitMs()).isEqualTo(MAX_WAIT_MS);

        // The leader has not heard yet that it leads partition 1.
        leader.answer(all, Map.of(1, nothing().setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code())));
        turn();
        Fetch without = leader.asked.removeFirst();
        assertThat(without.offsets()).containsOnlyKeys(0);
        assertThat(without.maxWaitMs()).isBetween(1, 20);

        clock.pass(without.maxWaitMs());
        leader.answer(without, Map.of());
        turn();
        Fetch again = leader.asked.removeFirst();
        assertThat(again.offsets()).containsOnlyKeys(0, 1);
        assertThat(again.maxWaitMs()).isEqualTo(MAX_WAIT_MS);
    }

    @Test
    void whatAnAnswerLiesInIsKeptUntilEveryLoopHasTakenItsPart() {
        turn();
        leader.answer(leader.asked.removeFirst(), Map.of());
        leader.taken = 0;
        fetcher.turn();
        replicas.getFirst().loop.drain();
        fetcher.turn();
        assertThat(leader.taken).isZero();
        assertThat(leader.asked).isEmpty();

        replicas.getLast().loop.drain();
        fetcher.turn();
        assertThat(leader.taken).isEqualTo(1);
        assertThat(leader.asked).hasSize(1);
    }

    /** A fetch as its leader sees it. */
    private record Fetch(TreeMap<Integer, Long> offsets, int maxWaitMs, RequestCompletionHandler handler) {}

    /** A leader without sessions: every fetch names all that is wanted. */
    private static final class Leader implements LeaderConnection {
        private final Deque<Fetch> asked = new ArrayDeque<>();
        private final Deque<Runnable> answers = new ArrayDeque<>();
        private int taken;

        /** Partitions that {@code given} does not name have nothing. */
        void answer(Fetch fetch, Map<Integer, PartitionData> given) {
            LinkedHashMap<TopicIdPartition, PartitionData> data = new LinkedHashMap<>();
            for (int number : fetch.offsets().keySet()) {
                data.put(
                        new TopicIdPartition(TOPIC, number, "topic"),
                        given.getOrDefault(number, nothing()).setPartitionIndex(number));
            }
            short version = ApiKeys.FETCH.latestVersion();
            ClientResponse response = new ClientResponse(
                    new RequestHeader(ApiKeys.FETCH, version, "", 0),
                    null,
                    "",
                    0,
                    0,
                    false,
                    null,
                    null,
                    FetchResponse.of(Errors.NONE, 0, 0, data, List.of()));
            answers.add(() -> fetch.handler().onComplete(response));
        }

        @Override
        public boolean ready(Node leader) {
            return true;
        }

        @Override
        public long delayMs(Node leader) {
            return 0;
        }

        @Override
        public void send(Node leader, AbstractRequest.Builder<?> request, RequestCompletionHandler handler) {
            FetchRequest fetch = (FetchRequest) request.build(ApiKeys.FETCH.latestVersion());
            TreeMap<Integer, Long> offsets = new TreeMap<>();
            fetch.data()
                    .topics()
                    .forEach(topic -> topic.partitions()
                            .forEach(partition -> offsets.put(partition.partition(), partition.fetchOffset())));
            asked.add(new Fetch(offsets, fetch.data().maxWaitMs(), handler));
        }

        @Override
        public void poll(long timeoutMs) {
            while (!answers.isEmpty()) {
                answers.remove().run();
            }
        }

        @Override
        public void answerTaken() {
            taken++;
        }

        @Override
        public void disconnect() {
            answers.clear();
        }

        @Override
        public void wakeup() {}

        @Override
        public void close() {}
    }
}
