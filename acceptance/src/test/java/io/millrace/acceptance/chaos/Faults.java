package io.millrace.acceptance.chaos;

import io.millrace.acceptance.chaos.FaultPlan.Fault;
import io.millrace.acceptance.chaos.FaultPlan.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;

/** Makes things go wrong, and right again. */
final class Faults {

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(8);
    private static final long ADMIN_PATIENCE_MS = 4_000;
    private static final int FARTHEST_JUMP_SECONDS = 3_600;

    private final Landscape landscape;
    private final List<ChaosNode> nodes;
    private final Admin admin;
    private final String topic;
    private final int partitions;
    private final Random random;

    Faults(Landscape landscape, List<ChaosNode> nodes, Admin admin, String topic, int partitions, long seed) {
        this.landscape = landscape;
        this.nodes = nodes;
        this.admin = admin;
        this.topic = topic;
        this.partitions = partitions;
        this.random = new Random(seed);
    }

    /** What can be made to happen on this machine. */
    List<Fault> possible() {
        List<Fault> possible = new ArrayList<>(List.of(Fault.values()));
        if (!landscape.hasNetwork()) {
            possible.removeAll(List.of(
                    Fault.CUT_OFF, Fault.DEAF, Fault.MUTE, Fault.CUT_BETWEEN, Fault.LOSE_PACKETS, Fault.SLOW_LINK));
        }
        if (!nodes.getFirst().hasDiskOfItsOwn()) {
            possible.remove(Fault.FULL_DISK);
        }
        if (!WallClock.canBeSet()) {
            possible.remove(Fault.CLOCK_JUMP);
        }
        return possible;
    }

    private ChaosNode node(int id) {
        return nodes.get(id - 1);
    }

    /** Begins a fault; what is returned repairs it. */
    Runnable begin(Step step) {
        ChaosNode node = node(step.node());
        switch (step.fault()) {
            case KILL -> {
                node.kill();
                return node::start;
            }
            case KILL_CONTROLLER -> {
                ChaosNode active = activeController().map(this::node).orElse(node);
                active.kill();
                return active::start;
            }
            case PAUSE -> {
                node.pause();
                return node::resume;
            }
            case CUT_OFF -> {
                others(step.node()).forEach(other -> landscape.cut(step.node(), other));
                others(step.node()).forEach(other -> landscape.cut(other, step.node()));
                return landscape::heal;
            }
            case DEAF -> {
                others(step.node()).forEach(other -> landscape.cut(other, step.node()));
                return landscape::heal;
            }
            case MUTE -> {
                others(step.node()).forEach(other -> landscape.cut(step.node(), other));
                return landscape::heal;
            }
            case CUT_BETWEEN -> {
                landscape.cut(step.node(), step.other());
                landscape.cut(step.other(), step.node());
                return landscape::heal;
            }
            case LOSE_PACKETS -> {
                landscape.lose(step.node());
                return landscape::heal;
            }
            case SLOW_LINK -> {
                landscape.slow(step.node());
                return landscape::heal;
            }
            case FULL_DISK -> {
                node.fillDisk(random.nextBoolean() ? 0 : 32 << 20);
                return node::freeDisk;
            }
            case CLOCK_JUMP -> {
                node.setClock(random.nextLong(-FARTHEST_JUMP_SECONDS, FARTHEST_JUMP_SECONDS));
                return () -> node.setClock(0);
            }
            case ROLLING_RESTART -> {
                for (ChaosNode one : nodes) {
                    one.stop(STOP_PATIENCE);
                    one.start();
                }
            }
            case REASSIGN -> reassign();
            case MOVE_LEADERS ->
                attempt(() -> admin.electLeaders(ElectionType.PREFERRED, null)
                        .all()
                        .get(ADMIN_PATIENCE_MS, TimeUnit.MILLISECONDS));
        }
        return () -> {};
    }

    private List<Integer> others(int node) {
        return IntStream.rangeClosed(Landscape.CLIENTS, nodes.size())
                .filter(other -> other != node)
                .boxed()
                .toList();
    }

    private Optional<Integer> activeController() {
        try {
            return Optional.of(admin.describeMetadataQuorum()
                            .quorumInfo()
                            .get(ADMIN_PATIENCE_MS, TimeUnit.MILLISECONDS)
                            .leaderId())
                    .filter(id -> id > 0);
        } catch (ExecutionException | TimeoutException nobodyAnswers) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Half of the partitions lose a replica or get it back, with another preferred leader. */
    private void reassign() {
        Map<TopicPartition, Optional<NewPartitionReassignment>> moves = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            if (random.nextBoolean()) {
                moves.put(
                        new TopicPartition(topic, i),
                        Optional.of(new NewPartitionReassignment(replicas(random.nextInt(3) == 0 ? 2 : nodes.size()))));
            }
        }
        attempt(() -> admin.alterPartitionReassignments(moves).all().get(ADMIN_PATIENCE_MS, TimeUnit.MILLISECONDS));
    }

    private List<Integer> replicas(int count) {
        List<Integer> ids = new ArrayList<>(nodes.stream().map(ChaosNode::id).toList());
        Collections.shuffle(ids, random);
        return List.copyOf(ids.subList(0, count));
    }

    private interface Attempt {
        void run() throws ExecutionException, TimeoutException, InterruptedException;
    }

    /** With a cluster in trouble it may not be possible, which is nothing to worry about. */
    private static boolean attempt(Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (ExecutionException | TimeoutException notNow) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything is repaired, and all partitions are to have all replicas. */
    void repairAll() {
        landscape.heal();
        for (ChaosNode node : nodes) {
            node.resume();
            node.freeDisk();
            node.setClock(0);
            node.start();
        }
    }

    /**
     * Asks for every partition to be on every node; whether that could be asked. Not while partitions move: KRaft's controller lets the
     * removal of a replica that is under way outlive a new request.
     */
    boolean spreadAll() {
        if (!attempt(this::awaitNoMoves)) {
            return false;
        }
        Map<TopicPartition, Optional<NewPartitionReassignment>> moves = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            moves.put(new TopicPartition(topic, i), Optional.of(new NewPartitionReassignment(replicas(nodes.size()))));
        }
        return attempt(
                () -> admin.alterPartitionReassignments(moves).all().get(ADMIN_PATIENCE_MS, TimeUnit.MILLISECONDS));
    }

    private void awaitNoMoves() throws ExecutionException, TimeoutException, InterruptedException {
        Map<TopicPartition, PartitionReassignment> moving =
                admin.listPartitionReassignments().reassignments().get(ADMIN_PATIENCE_MS, TimeUnit.MILLISECONDS);
        if (!moving.isEmpty()) {
            throw new TimeoutException("still moving: " + moving.keySet());
        }
    }
}
