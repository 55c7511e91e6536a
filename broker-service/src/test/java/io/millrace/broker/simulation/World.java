package io.millrace.broker.simulation;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.replication.Partition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * A cluster of three or four brokers, its clients, and what happens to it, all from one seed.
 *
 * <p>The fault model. Brokers are killed, stand still and are shut down, any number at a time. Networks delay, cut connections, and
 * stop passing messages in one direction or both; what was given up and sent again may arrive twice. The controller fails over; its
 * decisions reach brokers late, several at once, and each broker at its own time. Clocks begin anywhere, go at paces of their own, and
 * are set. A machine that loses power loses what was not synced, in parts; this happens only while another replica in sync runs that
 * has not, and where nevertheless all replicas that the controller takes for in sync have lost something, nothing is promised any more:
 * a run ends there. In every fifth world leaders also delete old records, so that followers begin anew. Where acknowledgements wait for the disk ({@code flush.messages=1}), all machines may lose power at once.
 */
final class World {

    static final long REPLICA_LAG_MS = 200;
    private static final long SESSION_MS = 250;
    private static final long FAULTS_NS = 2_500 * Scheduler.MS;
    private static final long REPAIR_LIMIT_NS = 20_000 * Scheduler.MS;
    private static final int AGREEMENT_CHECKS = 8;

    private record Connected(ClientConnection connection, int from, int to) {}

    /** How a run ended. */
    record Outcome(int acknowledgements, long events, boolean beyondFaultModel) {}

    final Random random;
    final Scheduler scheduler;
    final SimulatedNetwork network;
    final SimulatedController controller;
    final Ledger ledger = new Ledger(this);
    final long faultIntervalNs;
    final long produceIntervalNs;
    private final List<String> trace;
    private final boolean flushes;
    private final boolean deletes;
    private final int minInsyncReplicas;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final List<SimulatedProducer> producers = new ArrayList<>();
    private final List<SimulatedConsumer> consumers = new ArrayList<>();
    private final List<Connected> connections = new ArrayList<>();
    private long connectionCount;

    /** {@code trace} is filled with what happens; null for nothing. */
    World(long seed, List<String> trace) {
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        this.trace = trace;
        this.scheduler = new Scheduler(random);
        this.network = new SimulatedNetwork(scheduler);
        this.controller = new SimulatedController(scheduler, SESSION_MS, this::trace, ledger::committed);
        this.flushes = random.nextInt(4) == 0;
        this.deletes = seed % 5 == 0;
        this.minInsyncReplicas = random.nextInt(4) == 0 ? 1 : 2;
        this.faultIntervalNs = (40 + random.nextInt(200)) * Scheduler.MS;
        this.produceIntervalNs = (8 + random.nextInt(40)) * Scheduler.MS;
        int brokerCount = 3 + random.nextInt(2);
        for (int id = 1; id <= brokerCount; id++) {
            brokers.add(new SimulatedBroker(this, id));
        }
        create();
    }

    private void create() {
        int partitions = 1 + random.nextInt(2);
        List<List<Integer>> replicas = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            List<Integer> ids =
                    new ArrayList<>(brokers.stream().map(SimulatedBroker::id).toList());
            Collections.shuffle(ids, random);
            replicas.add(List.copyOf(ids.subList(0, 3)));
        }
        Map<String, String> topicConfig = new HashMap<>(Map.of(
                "min.insync.replicas", Integer.toString(minInsyncReplicas),
                "internal.segment.bytes", "3000",
                "index.interval.bytes", "200",
                "file.delete.delay.ms", "50"));
        if (flushes) {
            topicConfig.put("flush.messages", "1");
        }
        trace("topic " + replicas + " " + topicConfig);
        brokers.forEach(SimulatedBroker::start);
        until(
                "all brokers are there",
                () -> brokers.stream().allMatch(broker -> {
                    var member = controller.image().members().get(broker.id());
                    return member != null && !member.fenced();
                }));
        controller.create(partitions, replicas, Map.copyOf(topicConfig));
        for (int i = 0; i < partitions; i++) {
            producers.add(new SimulatedProducer(this, 2 * i, i, (short) -1));
            if (!deletes) {
                // Nor may what is deleted be all that is known of a producer who stands still.
                producers.add(new SimulatedProducer(this, 2 * i + 1, i, (short) (random.nextInt(3) == 0 ? 1 : -1)));
            }
            consumers.add(new SimulatedConsumer(this, i));
            consumers.add(new SimulatedConsumer(this, i));
        }
    }

    /** Lives through the faults, then sees that everything heals and nothing was lost. */
    Outcome run() {
        Nemesis nemesis = new Nemesis(this);
        nemesis.start();
        long beganNs = scheduler.nowNs();
        for (int i = 1; i <= AGREEMENT_CHECKS && !ledger.isBeyondFaultModel(); i++) {
            scheduler.runUntil(beganNs + i * FAULTS_NS / AGREEMENT_CHECKS);
            if (!ledger.isBeyondFaultModel()) {
                ledger.inSyncReplicasAgree();
            }
        }
        if (!ledger.isBeyondFaultModel()) {
            trace("everything is repaired");
            nemesis.stop();
            producers.forEach(SimulatedProducer::stop);
            until("all partitions are available", () -> healed());
            if (!ledger.isBeyondFaultModel()) {
                ledger.finalLogs();
            }
        }
        return new Outcome(ledger.acknowledgements(), scheduler.count(), ledger.isBeyondFaultModel());
    }

    private boolean healed() {
        if (ledger.isBeyondFaultModel()) {
            return true;
        }
        for (SimulatedBroker broker : brokers) {
            // A shutdown under way ends after the repair.
            broker.start();
        }
        return producers.stream().allMatch(SimulatedProducer::isDone)
                && controller.image().topic().partitions().stream().allMatch(this::isWhole);
    }

    private boolean isWhole(PartitionRegistration partition) {
        if (partition.leader() < 0
                || partition.isr().size() != partition.replicas().size()
                || !partition.addingReplicas().isEmpty()
                || !partition.removingReplicas().isEmpty()) {
            return false;
        }
        long end = -1;
        for (int id : partition.replicas()) {
            SimulatedBroker.Incarnation running = broker(id).running();
            Partition replica = running == null ? null : running.partition(partition.partition());
            if (replica == null || replica.role().leaderEpoch() != partition.leaderEpoch()) {
                return false;
            }
            long itsEnd = replica.snapshot().logEndOffset();
            if (replica.snapshot().highWatermark() != itsEnd || (end >= 0 && end != itsEnd)) {
                return false;
            }
            end = itsEnd;
        }
        long endOffset = end;
        return consumersOf(partition.partition()).stream().allMatch(consumer -> consumer.position() == endOffset);
    }

    private List<SimulatedConsumer> consumersOf(int partition) {
        return consumers.subList(2 * partition, 2 * partition + 2);
    }

    private void until(String what, BooleanSupplier condition) {
        long limitNs = scheduler.nowNs() + REPAIR_LIMIT_NS;
        while (!condition.getAsBoolean()) {
            if (scheduler.nowNs() > limitNs) {
                throw new Violation("not in time: " + what + "; "
                        + producers.stream()
                                .filter(producer -> !producer.isDone())
                                .map(Object::toString)
                                .map(text -> text.substring(0, Math.min(200, text.length())))
                                .toList()
                        + "; " + replicas() + "; " + controller.image().topic() + "; "
                        + controller.image().members());
            }
            scheduler.runUntil(scheduler.nowNs() + 20 * Scheduler.MS);
        }
    }

    private List<String> replicas() {
        List<String> told = new ArrayList<>();
        for (PartitionRegistration partition : controller.image().topic().partitions()) {
            for (int id : partition.replicas()) {
                SimulatedBroker.Incarnation running = broker(id).running();
                Partition replica = running == null ? null : running.partition(partition.partition());
                told.add("partition %d on broker %d: %s"
                        .formatted(
                                partition.partition(),
                                id,
                                replica == null ? "none" : replica.role() + " " + replica.snapshot()));
            }
            told.add("partition %d: consumers at %s"
                    .formatted(
                            partition.partition(),
                            consumersOf(partition.partition()).stream()
                                    .map(SimulatedConsumer::position)
                                    .toList()));
        }
        return told;
    }

    boolean deletesRecords() {
        return deletes;
    }

    boolean flushesBeforeAcknowledging() {
        return flushes;
    }

    int minInsyncReplicas() {
        return minInsyncReplicas;
    }

    Map<String, String> brokerSettings() {
        return Map.of(
                "log.dirs", "/data",
                "log.cleaner.enable", "false",
                "log.flush.offset.checkpoint.interval.ms", "200",
                "log.retention.check.interval.ms", "100000000",
                "log.initial.task.delay.ms", "100000000");
    }

    List<SimulatedBroker> brokers() {
        return brokers;
    }

    SimulatedBroker broker(int id) {
        return brokers.get(id - 1);
    }

    /** The process on {@code broker} if a connection can be made to it. */
    SimulatedBroker.Incarnation reach(int from, int broker) {
        SimulatedBroker.Incarnation running = broker < 1 ? null : broker(broker).running();
        return network.isCut(from, broker) || network.isCut(broker, from) ? null : running;
    }

    /** Keeps a connection in mind for faults; returns its name. */
    String connected(ClientConnection connection, int from, int to) {
        connections.removeIf(other -> other.connection().isBroken());
        connections.add(new Connected(connection, from, to));
        return "connection-" + connectionCount++;
    }

    void resetConnectionsOf(int broker) {
        trace("nemesis: connections of broker " + broker + " are reset");
        List.copyOf(connections).stream()
                .filter(connected -> connected.from() == broker || connected.to() == broker)
                .forEach(connected -> connected.connection().reset());
    }

    void trace(String what) {
        if (trace != null) {
            trace.add("%9.3f ms  %s".formatted(scheduler.nowNs() / 1e6, what));
        }
    }
}
