package io.millrace.acceptance.chaos;

import io.millrace.acceptance.chaos.FaultPlan.Step;
import io.millrace.acceptance.chaos.History.Acknowledged;
import io.millrace.acceptance.chaos.History.Read;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** One run: a cluster is started, lives through a plan of faults, is repaired, and what its clients were told is checked. */
public final class ChaosRun implements AutoCloseable {

    private static final System.Logger log = System.getLogger(ChaosRun.class.getName());
    private static final int NODES = 3;
    private static final int PARTITIONS = 6;
    private static final String TOPIC = "chaos";
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration REPAIR_LIMIT = Duration.ofSeconds(90);

    private record Repair(long atMs, Step step, Runnable action) {}

    private final Landscape landscape;
    private final Path directory;
    private final List<ChaosNode> nodes = new ArrayList<>();
    private final String bootstrap;
    private final Admin admin;
    private final Faults faults;
    private final long seed;

    ChaosRun(Landscape landscape, Path directory, long seed) {
        this.landscape = landscape;
        this.directory = directory;
        this.seed = seed;
        this.bootstrap =
                IntStream.rangeClosed(1, NODES).mapToObj(landscape::kafka).collect(Collectors.joining(","));
        for (int id = 1; id <= NODES; id++) {
            nodes.add(new ChaosNode(landscape, id, NODES, directory.resolve("node-" + id)));
        }
        nodes.forEach(ChaosNode::start);
        this.admin = Admin.create(Map.of(
                "bootstrap.servers", bootstrap,
                "request.timeout.ms", 3_000,
                "default.api.timeout.ms", 6_000,
                "socket.connection.setup.timeout.ms", 1_000,
                "reconnect.backoff.max.ms", 200));
        this.faults = new Faults(landscape, nodes, admin, TOPIC, PARTITIONS, seed);
    }

    /** Runs in the namespaces that a test has made: PREFIX SEED SECONDS DIRECTORY. */
    public static void main(String[] arguments) throws Exception {
        Landscape landscape = Namespaces.of(arguments[0], NODES);
        List<String> broken =
                run(landscape, Long.parseLong(arguments[1]), Long.parseLong(arguments[2]), Path.of(arguments[3]));
        broken.forEach(problem -> log.log(System.Logger.Level.ERROR, problem));
        System.exit(broken.isEmpty() ? 0 : 1);
    }

    /** Returns what went wrong. */
    static List<String> run(Landscape landscape, long seed, long seconds, Path directory) throws Exception {
        try (ChaosRun run = new ChaosRun(landscape, directory, seed)) {
            try {
                return run.live(seconds * 1_000);
            } catch (AssertionError e) {
                return List.of(e.getMessage()
                        + run.nodes.stream().map(ChaosNode::describe).collect(Collectors.joining()));
            }
        }
    }

    private List<String> live(long durationMs) throws Exception {
        until("a topic", START_LIMIT, this::createTopic);
        until("all replicas in sync", START_LIMIT, () -> allInSync(false));
        try (History history = new History(directory.resolve("history.txt"))) {
            Workload workload = new Workload(bootstrap, TOPIC, PARTITIONS, history);
            FaultPlan plan = FaultPlan.of(seed, NODES, durationMs, faults.possible());
            log.log(System.Logger.Level.INFO, "seed {0,number,#}: {1}", seed, plan.steps());
            harm(plan, durationMs);
            faults.repairAll();
            long repairedNs = System.nanoTime();
            int before = acknowledged(history);
            until("partitions spread over all nodes", REPAIR_LIMIT, faults::spreadAll);
            until("all replicas in sync again", REPAIR_LIMIT, () -> allInSync(true));
            until("acknowledgements again", REPAIR_LIMIT, () -> acknowledged(history) > before + 100);
            log.log(
                    System.Logger.Level.INFO,
                    "seed {0,number,#}: everything available {1} ms after the repair",
                    seed,
                    Duration.ofNanos(System.nanoTime() - repairedNs).toMillis());
            workload.stopProducing();
            Map<Integer, List<Read>> logs = readAll();
            until("everything consumed", REPAIR_LIMIT, () -> committed().equals(ends(logs)));
            workload.stopConsuming();
            Throwable failure = workload.failure();
            if (failure != null) {
                return List.of("a client gave up: " + failure + " " + failure.getCause());
            }
            List<String> broken = HistoryChecker.check(history.events(), logs, committed());
            log.log(
                    System.Logger.Level.INFO,
                    "seed {0,number,#}: {1} acknowledged, {2} events, {3} problems",
                    seed,
                    acknowledged(history),
                    history.size(),
                    broken.size());
            return broken;
        }
    }

    private static int acknowledged(History history) {
        return (int) history.events().stream()
                .filter(event -> event instanceof Acknowledged)
                .count();
    }

    private void harm(FaultPlan plan, long durationMs) {
        long beganNs = System.nanoTime();
        List<Step> steps = new ArrayList<>(plan.steps());
        PriorityQueue<Repair> repairs = new PriorityQueue<>((a, b) -> Long.compare(a.atMs(), b.atMs()));
        for (long nowMs = 0;
                nowMs < durationMs;
                nowMs = Duration.ofNanos(System.nanoTime() - beganNs).toMillis()) {
            if (!steps.isEmpty() && steps.getFirst().atMs() <= nowMs) {
                Step step = steps.removeFirst();
                log.log(System.Logger.Level.INFO, "{0,number,#} ms: {1}", nowMs, step);
                Runnable repair = faults.begin(step);
                repairs.add(new Repair(nowMs + step.forMs(), step, repair));
            }
            while (!repairs.isEmpty() && repairs.peek().atMs() <= nowMs) {
                Repair repair = repairs.remove();
                log.log(
                        System.Logger.Level.INFO,
                        "{0,number,#} ms: repaired: {1}",
                        nowMs,
                        repair.step().fault());
                repair.action().run();
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private interface Condition {
        boolean holds() throws ExecutionException, InterruptedException, TimeoutException;
    }

    private static void until(String what, Duration limit, Condition condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadlineNs) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (ExecutionException | TimeoutException notNow) {
                last = notNow;
            }
            LockSupport.parkNanos(50_000_000);
        }
        throw new AssertionError("not within " + limit + ": " + what + " (" + last + ")");
    }

    private boolean createTopic() throws ExecutionException, InterruptedException {
        if (admin.describeCluster().nodes().get().size() < NODES) {
            return false;
        }
        if (!admin.listTopics().names().get().contains(TOPIC)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) NODES)))
                    .all()
                    .get();
        }
        return true;
    }

    private boolean allInSync(boolean withOffsets) throws ExecutionException, InterruptedException {
        List<String> topics = withOffsets ? List.of(TOPIC, "__consumer_offsets") : List.of(TOPIC);
        for (TopicDescription topic :
                admin.describeTopics(topics).allTopicNames().get().values()) {
            if (!topic.partitions().stream()
                    .allMatch(partition -> partition.leader() != null
                            && !partition.leader().isEmpty()
                            && partition.replicas().size() == NODES
                            && partition.isr().size() == NODES)) {
                return false;
            }
        }
        return admin.listPartitionReassignments().reassignments().get().isEmpty();
    }

    private Map<Integer, Long> committed() throws ExecutionException, InterruptedException, TimeoutException {
        Map<Integer, Long> committed = new HashMap<>();
        Map<TopicPartition, @Nullable OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(Workload.GROUP)
                .partitionsToOffsetAndMetadata()
                .get(10, TimeUnit.SECONDS);
        offsets.forEach((partition, offset) -> {
            if (offset != null) {
                committed.put(partition.partition(), offset.offset());
            }
        });
        return committed;
    }

    private static Map<Integer, Long> ends(Map<Integer, List<Read>> logs) {
        Map<Integer, Long> ends = new HashMap<>();
        logs.forEach((partition, records) -> {
            if (!records.isEmpty()) {
                ends.put(partition, records.getLast().offset() + 1);
            }
        });
        return ends;
    }

    /** What is in the partitions, from their beginning to their end. */
    private Map<Integer, List<Read>> readAll() {
        Map<Integer, List<Read>> logs = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "enable.auto.commit", false),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> all = IntStream.range(0, PARTITIONS)
                    .mapToObj(number -> new TopicPartition(TOPIC, number))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            all.forEach(partition -> logs.put(partition.partition(), new ArrayList<>()));
            while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    logs.get(record.partition())
                            .add(new Read(
                                    record.partition(),
                                    record.offset(),
                                    record.value(),
                                    record.leaderEpoch().orElse(-1)));
                }
            }
        }
        return logs;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        nodes.forEach(ChaosNode::close);
    }
}
