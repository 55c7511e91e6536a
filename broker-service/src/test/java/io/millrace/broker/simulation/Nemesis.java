package io.millrace.broker.simulation;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.replication.Partition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** What goes wrong, at random. */
final class Nemesis {

    /** More than a producer may have to send again. */
    private static final int KEPT_RECORDS = 60;

    private final World world;
    private boolean stopped;

    Nemesis(World world) {
        this.world = world;
    }

    void start() {
        strikeLater();
        if (world.deletesRecords()) {
            deleteLater();
        }
    }

    private void strikeLater() {
        world.scheduler.after(world.scheduler.upTo(2 * world.faultIntervalNs), () -> {
            if (!stopped) {
                strike();
                strikeLater();
            }
        });
    }

    private long ms(int from, int to) {
        return Scheduler.MS * (from + world.random.nextInt(to - from));
    }

    private SimulatedBroker anyBroker() {
        return world.brokers().get(world.random.nextInt(world.brokers().size()));
    }

    /** One that leads, more often than not. */
    private SimulatedBroker victim() {
        List<PartitionRegistration> partitions =
                world.controller.image().topic().partitions();
        int leader = partitions.get(world.random.nextInt(partitions.size())).leader();
        return leader >= 0 && world.random.nextInt(3) > 0 ? world.broker(leader) : anyBroker();
    }

    private void strike() {
        switch (world.random.nextInt(15)) {
            case 0, 1 -> kill(victim());
            case 2 -> losePower();
            case 3 -> pause(victim());
            case 4, 5 -> cut(victim().id());
            case 6 -> world.resetConnectionsOf(victim().id());
            case 7 -> lateMetadata(anyBroker());
            case 8 -> world.controller.failOver(ms(20, 200));
            case 9, 14 -> moveLeader();
            case 10 -> reassign();
            case 11 -> shutDown(anyBroker());
            case 12 -> setClock(anyBroker());
            default -> badNetwork();
        }
    }

    private void deleteLater() {
        world.scheduler.after(world.scheduler.upTo(2 * world.faultIntervalNs), () -> {
            if (!stopped) {
                int number = anyPartition();
                SimulatedBroker.Incarnation running = victim().running();
                Partition partition = running == null ? null : running.partition(number);
                if (partition != null) {
                    partition.loop().execute(() -> delete(running, partition));
                }
                deleteLater();
            }
        });
    }

    /** All but the last that are committed. */
    private void delete(SimulatedBroker.Incarnation broker, Partition partition) {
        long offset = partition.snapshot().highWatermark() - KEPT_RECORDS;
        if (partition.leaderError() == Errors.NONE
                && offset > partition.snapshot().logStartOffset()) {
            world.trace("nemesis: broker " + broker.brokerId() + " deletes records of "
                    + partition.id().topicPartition() + " before " + offset);
            world.ledger.deleted(partition.id().partition(), offset);
            partition.deleteRecords(offset, 1_000, (error, lowWatermark) -> {});
        }
    }

    private void kill(SimulatedBroker broker) {
        if (broker.running() == null) {
            return;
        }
        world.trace("nemesis: kill -9 of broker " + broker.id());
        broker.kill();
        down(broker);
    }

    private void losePower() {
        if (world.flushesBeforeAcknowledging() && world.random.nextInt(3) == 0) {
            world.brokers().forEach(this::losePower);
        } else {
            losePower(victim());
        }
    }

    private void losePower(SimulatedBroker broker) {
        if (broker.running() == null || !world.ledger.survivesPowerLossOf(broker.id())) {
            return;
        }
        world.trace("nemesis: broker " + broker.id() + " loses power");
        broker.losePower();
        world.ledger.lostPower(broker.id());
        down(broker);
    }

    private void down(SimulatedBroker broker) {
        if (world.random.nextInt(3) > 0 && !world.network.isCut(broker.id(), SimulatedNetwork.CONTROLLER)) {
            world.scheduler.after(ms(1, 20), () -> {
                if (broker.running() == null) {
                    world.controller.diedVisibly(broker.id());
                }
            });
        }
        world.scheduler.after(ms(5, 400), broker::start);
    }

    private void pause(SimulatedBroker broker) {
        if (broker.running() != null) {
            world.trace("nemesis: SIGSTOP of broker " + broker.id());
            broker.running().process().pauseUntil(world.scheduler.nowNs() + ms(50, 500));
        }
    }

    private void cut(int broker) {
        List<Integer> hosts = new ArrayList<>(List.of(SimulatedNetwork.CONTROLLER, SimulatedNetwork.CLIENTS));
        world.brokers().forEach(other -> hosts.add(other.id()));
        hosts.remove((Integer) broker);
        Collections.shuffle(hosts, world.random);
        List<Integer> from = hosts.subList(0, 1 + world.random.nextInt(hosts.size()));
        int direction = world.random.nextInt(3);
        world.trace(
                "nemesis: broker " + broker + (direction == 0 ? " -/- " : direction == 1 ? " -/> " : " </- ") + from);
        List<Integer> others = List.copyOf(from);
        for (int other : others) {
            if (direction != 2) {
                world.network.cut(broker, other);
            }
            if (direction != 1) {
                world.network.cut(other, broker);
            }
        }
        world.scheduler.after(
                ms(30, 600),
                () -> others.forEach(other -> {
                    world.network.mend(broker, other);
                    world.network.mend(other, broker);
                }));
    }

    private void lateMetadata(SimulatedBroker broker) {
        world.trace("nemesis: metadata comes late to broker " + broker.id());
        broker.metadataDelayNs = ms(50, 500);
        world.scheduler.after(ms(100, 800), () -> broker.metadataDelayNs = 5 * Scheduler.MS);
    }

    private int anyPartition() {
        return world.random.nextInt(world.controller.image().topic().partitionCount());
    }

    private void moveLeader() {
        world.controller.moveLeader(anyPartition(), anyBroker().id());
    }

    private void reassign() {
        List<Integer> ids = new ArrayList<>();
        world.brokers().forEach(broker -> ids.add(broker.id()));
        Collections.shuffle(ids, world.random);
        world.controller.reassign(anyPartition(), List.copyOf(ids.subList(0, 3)));
    }

    private void shutDown(SimulatedBroker broker) {
        if (broker.running() != null) {
            world.trace("nemesis: SIGTERM of broker " + broker.id());
            SimulatedBroker.Incarnation leaving = broker.running();
            leaving.leave();
            world.scheduler.after(ms(300, 600), () -> {
                if (broker.running() == leaving) {
                    kill(broker);
                } else {
                    broker.start();
                }
            });
        }
    }

    private void setClock(SimulatedBroker broker) {
        if (broker.running() != null) {
            broker.running().process().setWallClock(world.random.nextInt(7_200_000) - 3_600_000L);
        }
    }

    private void badNetwork() {
        world.network.setQuality(ms(1, 60), world.random.nextInt(3) * 0.02);
        world.scheduler.after(ms(50, 400), () -> world.network.setQuality(Scheduler.MS, 0));
    }

    /** Everything is repaired. */
    void stop() {
        stopped = true;
        world.network.heal();
        for (SimulatedBroker broker : world.brokers()) {
            broker.metadataDelayNs = 5 * Scheduler.MS;
            broker.start();
        }
    }
}
