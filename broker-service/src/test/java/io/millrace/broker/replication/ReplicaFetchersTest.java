package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.request.TestCluster;
import io.millrace.broker.request.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;

/** Which of {@code num.replica.fetchers} fetchers asks a leader for which partitions. */
class ReplicaFetchersTest {

    private static final int FOLLOWER = 9;
    private static final Uuid TOPIC = new Uuid(3, 4);

    private final ManualLoop clock = new ManualLoop(0);
    private final Hosts hosts = new Hosts();
    private final NoPeers peers = new NoPeers();

    private ReplicaFetchers fetchers(int perLeader) {
        FetcherConfig config = new FetcherConfig(
                FOLLOWER,
                new ListenerName("INTERNAL"),
                SecurityProtocol.PLAINTEXT,
                new AbstractConfig(new ConfigDef(), Map.of()),
                perLeader,
                500,
                1,
                1 << 20,
                1 << 16,
                1_000,
                30_000,
                1 << 16);
        TestImage image = new TestImage().broker(1, false).broker(2, false).broker(3, false);
        return new ReplicaFetchers(config, new TestCluster(image), clock, hosts);
    }

    private List<Partition> partitions(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new Partition(
                        new TopicIdPartition(TOPIC, number, "topic"),
                        clock,
                        clock,
                        new ReplicationConfig(FOLLOWER, 1, 10_000, Map.of()),
                        (changed, role) -> {},
                        peers,
                        peers))
                .toList();
    }

    /** For whoever is new, requests under way are given up; those that follow name all partitions of their fetcher. */
    private void askAgain() {
        hosts.asked.clear();
        hosts.turn();
        clock.pass(1_000);
        hosts.turn();
    }

    private static void follow(ReplicaFetchers fetchers, List<Partition> partitions, int leader, IntPredicate which) {
        for (Partition partition : partitions) {
            if (which.test(partition.id().partition())) {
                fetchers.follow(partition, leader, 0, new FetchPosition(0, -1, 0));
            }
        }
    }

    /** As they are placed: brokers take turns in leading a topic's partitions. */
    @Test
    void theFetchersOfALeaderShareItsPartitionsEvenly() {
        for (int perLeader = 1; perLeader <= 8; perLeader++) {
            hosts.clear();
            ReplicaFetchers fetchers = fetchers(perLeader);
            List<Partition> partitions = partitions(72);
            for (int leader = 1; leader <= 3; leader++) {
                int turn = leader - 1;
                follow(fetchers, partitions, leader, number -> number % 3 == turn);
            }

            hosts.turn();

            assertThat(hosts.asked)
                    .as("fetchers, %d for each leader", perLeader)
                    .hasSize(3 * perLeader);
            assertThat(hosts.asked.values())
                    .as("partitions of each of %d fetchers", perLeader)
                    .extracting(List::size)
                    .allMatch(List.of(24 / perLeader, (24 + perLeader - 1) / perLeader)::contains);
            assertThat(hosts.asked.values().stream().flatMap(List::stream))
                    .hasSize(72)
                    .doesNotHaveDuplicates();
            assertThat(hosts.asked.get("2-0")).allMatch(number -> number % 3 == 1);
        }
    }

    @Test
    void aPartitionStaysWithItsFetcherAsLongAsItsLeaderLeads() {
        ReplicaFetchers fetchers = fetchers(4);
        List<Partition> partitions = partitions(20);
        follow(fetchers, partitions, 1, number -> true);
        hosts.turn();
        Map<String, List<Integer>> before = Map.copyOf(hosts.asked);

        for (Partition partition : partitions) {
            fetchers.follow(partition, 1, 7, new FetchPosition(0, -1, 0));
        }
        askAgain();

        assertThat(hosts.asked).isEqualTo(before);
    }

    /** A leader's partitions come and go; those that come fill up what was left. */
    @Test
    void whoComesGoesToTheFetcherWithTheFewest() {
        ReplicaFetchers fetchers = fetchers(2);
        List<Partition> partitions = partitions(12);
        follow(fetchers, partitions, 1, number -> number < 8);
        hosts.turn();
        List<Integer> first = hosts.asked.get("1-0");
        assertThat(first).hasSize(4);

        first.forEach(number -> fetchers.stop(partitions.get(number)));
        follow(fetchers, partitions, 1, number -> number >= 8);
        askAgain();

        assertThat(hosts.asked).containsOnlyKeys("1-0").containsEntry("1-0", List.of(8, 9, 10, 11));
    }

    /** What the newest request of each fetcher names, by leader and number. */
    private static final class Hosts implements FetcherHost {
        private final Map<String, List<Integer>> asked = new TreeMap<>();
        private final List<ReplicaFetcher> fetchers = new ArrayList<>();

        void clear() {
            asked.clear();
            fetchers.clear();
        }

        void turn() {
            fetchers.forEach(ReplicaFetcher::turn);
        }

        @Override
        public LeaderConnection connect(int leaderId, int number) {
            return new Wire(leaderId + "-" + number);
        }

        @Override
        public Running start(ReplicaFetcher fetcher, LeaderConnection connection, int leaderId, int number) {
            fetchers.add(fetcher);
            return connection::close;
        }

        @Override
        public void close() {}

        private final class Wire implements LeaderConnection {
            private final String name;

            private Wire(String name) {
                this.name = name;
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
                FetchRequestData fetch = (FetchRequestData) request.build().data();
                asked.put(
                        name,
                        fetch.topics().stream()
                                .flatMap(topic -> topic.partitions().stream())
                                .map(FetchRequestData.FetchPartition::partition)
                                .sorted()
                                .toList());
            }

            @Override
            public void poll(long timeoutMs) {}

            @Override
            public void answerTaken() {}

            @Override
            public void disconnect() {}

            @Override
            public void wakeup() {}

            @Override
            public void close() {}
        }
    }
}
