package io.millrace.broker.simulation;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.replication.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** What clients were promised, written down as it happens, and held against the logs. */
final class Ledger {

    private record Epoch(int partition, int leaderEpoch) {}

    private final World world;
    private final Map<Epoch, Integer> acknowledgedBy = new HashMap<>();
    private final Map<Epoch, Long> highWatermarks = new HashMap<>();
    /** By partition and offset: acknowledged with acks=all. */
    private final Map<Integer, TreeMap<Long, String>> acknowledged = new HashMap<>();
    /** By partition and offset: read by a consumer. */
    private final Map<Integer, TreeMap<Long, String>> seen = new HashMap<>();
    /** By partition: brokers of the ISR whose disk has lost something since they joined it. */
    private final Map<Integer, Set<Integer>> damaged = new HashMap<>();
    /** By broker: the registration under which its disk lost something last. */
    private final Map<Integer, Long> damagedUnder = new HashMap<>();

    /** By partition: before this offset records were to be deleted. */
    private final Map<Integer, Long> deletedBefore = new HashMap<>();

    private boolean beyondFaultModel;

    Ledger(World world) {
        this.world = world;
    }

    /** Whether all in-sync replicas of a partition have lost unsynced data: then nothing is promised any more. */
    boolean isBeyondFaultModel() {
        return beyondFaultModel;
    }

    void lostPower(int broker) {
        if (world.flushesBeforeAcknowledging()) {
            return;
        }
        SimulatedImage.Member member = world.controller.image().members().get(broker);
        if (member != null) {
            damagedUnder.put(broker, member.epoch());
        }
        committed(world.controller.image());
    }

    /** Whether the loss of that broker's unsynced data leaves a replica that has everything, and runs. */
    boolean survivesPowerLossOf(int broker) {
        return world.flushesBeforeAcknowledging()
                || world.controller.image().topic().partitions().stream()
                        .allMatch(partition -> !partition.isr().contains(broker)
                                || partition.isr().stream()
                                        .anyMatch(other -> other != broker
                                                && !isDamaged(partition.partition(), other)
                                                && world.broker(other).running() != null));
    }

    private boolean isDamaged(int partition, int broker) {
        return damaged.getOrDefault(partition, Set.of()).contains(broker);
    }

    /** The controller has decided something. */
    void committed(SimulatedImage image) {
        for (PartitionRegistration partition : image.topic().partitions()) {
            Set<Integer> broken = damaged.computeIfAbsent(partition.partition(), unknown -> new HashSet<>());
            broken.retainAll(partition.isr());
            // Who has joined by what it had fetched before, as the controller does not know yet that it is gone, too.
            partition.isr().stream()
                    .filter(member -> Objects.equals(
                            damagedUnder.get(member),
                            image.members().get(member).epoch()))
                    .forEach(broken::add);
            beyondFaultModel |= !broken.isEmpty() && broken.containsAll(partition.isr());
        }
    }

    /** A broker gives an answer; nobody may have received it yet. */
    void answered(SimulatedBroker.Incarnation broker, ApiMessage request, ApiMessage answer) {
        if (beyondFaultModel) {
            return;
        }
        if (answer instanceof ProduceResponseData produced) {
            short acks = ((ProduceRequestData) request).acks();
            produced.responses()
                    .forEach(topic -> topic.partitionResponses().forEach(partition -> {
                        if (partition.errorCode() == Errors.NONE.code()) {
                            acknowledgedByLeader(broker, acks, partition);
                        }
                    }));
        } else if (answer instanceof FetchResponseData fetched
                && ((FetchRequestData) request).replicaState().replicaId() < 0) {
            fetched.responses()
                    .forEach(topic -> topic.partitions().forEach(partition -> {
                        if (partition.errorCode() == Errors.NONE.code()) {
                            served(broker, partition.partitionIndex(), partition.highWatermark());
                        }
                    }));
        }
    }

    private void acknowledgedByLeader(
            SimulatedBroker.Incarnation broker, short acks, PartitionProduceResponse response) {
        Partition partition = broker.partition(response.index());
        if (partition == null || !partition.role().leader()) {
            // Records that were on their way to the disk when it lost the leadership; committed, if that was asked for.
            if (partition != null && acks == -1 && partition.snapshot().highWatermark() <= response.baseOffset()) {
                throw new Violation("broker " + broker.brokerId() + " acknowledges for partition " + response.index()
                        + " that it does not lead");
            }
            return;
        }
        Epoch epoch = new Epoch(response.index(), partition.role().leaderEpoch());
        Integer other = acknowledgedBy.putIfAbsent(epoch, broker.brokerId());
        if (other != null && other != broker.brokerId()) {
            throw new Violation("brokers " + other + " and " + broker.brokerId() + " both acknowledge in " + epoch);
        }
        if (acks == -1) {
            if (!world.flushesBeforeAcknowledging() && partition.role().isr().size() < world.minInsyncReplicas()) {
                throw new Violation("broker " + broker.brokerId() + " acknowledges for all with ISR "
                        + partition.role().isr() + ", fewer than min.insync.replicas");
            }
            everyInSyncReplicaHas(broker, partition, response.baseOffset() + 1, "an acknowledged record");
        }
    }

    private void served(SimulatedBroker.Incarnation broker, int number, long highWatermark) {
        Partition partition = broker.partition(number);
        if (partition == null) {
            return;
        }
        Epoch epoch = new Epoch(number, partition.role().leaderEpoch());
        Long before = highWatermarks.put(epoch, highWatermark);
        if (before != null && before > highWatermark) {
            throw new Violation("the high watermark of " + epoch + " goes back from " + before + " to " + highWatermark
                    + " on broker " + broker.brokerId());
        }
        everyInSyncReplicaHas(broker, partition, highWatermark, "what is below the high watermark");
    }

    /** As far as the controller agrees that this broker leads; a leader of the past cannot know. */
    private void everyInSyncReplicaHas(
            SimulatedBroker.Incarnation leader, Partition partition, long endOffset, String what) {
        int number = partition.id().partition();
        PartitionRegistration now = world.controller.image().topic().partition(number);
        if (now.leader() != leader.brokerId()
                || now.leaderEpoch() != partition.role().leaderEpoch()) {
            return;
        }
        for (int member : now.isr()) {
            SimulatedBroker.Incarnation running = world.broker(member).running();
            Partition replica = running == null || isDamaged(number, member) ? null : running.partition(number);
            if (replica != null && replica.snapshot().logEndOffset() < endOffset) {
                throw new Violation("broker " + member + " is in sync (" + now + ") but its log ends at "
                        + replica.snapshot().logEndOffset() + ", before " + endOffset + ", " + what);
            }
        }
    }

    /** A producer has received the acknowledgement of acks=all. */
    void acknowledged(int partition, long baseOffset, List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            note(acknowledged, partition, baseOffset + i, values.get(i), "acknowledged");
        }
    }

    /** A consumer has received a record. */
    void seen(int partition, Entry entry) {
        note(seen, partition, entry.offset(), entry.value(), "seen");
    }

    private void note(
            Map<Integer, TreeMap<Long, String>> where, int partition, long offset, String value, String what) {
        if (beyondFaultModel) {
            return;
        }
        String before =
                where.computeIfAbsent(partition, unknown -> new TreeMap<>()).put(offset, value);
        if (before != null && !before.equals(value)) {
            throw new Violation("at offset " + offset + " of partition " + partition + " both " + before + " and "
                    + value + " were " + what);
        }
    }

    /** Records before {@code offset} need not be there any more. */
    void deleted(int partition, long offset) {
        deletedBefore.merge(partition, offset, Math::max);
    }

    boolean mayBeDeleted(int partition, long offset) {
        return offset < deletedBefore.getOrDefault(partition, 0L);
    }

    int acknowledgements() {
        return acknowledged.values().stream().mapToInt(Map::size).sum();
    }

    /** In-sync replicas that run have the same records below the leader's high watermark. */
    void inSyncReplicasAgree() {
        for (PartitionRegistration now : world.controller.image().topic().partitions()) {
            int number = now.partition();
            Partition leader = replica(number, now.leader());
            if (leader == null || !leader.role().leader() || leader.role().leaderEpoch() != now.leaderEpoch()) {
                continue;
            }
            long end = leader.snapshot().highWatermark();
            List<Entry> expected = Entry.in(leader.log(), end);
            for (int member : now.isr()) {
                Partition replica = replica(number, member);
                if (replica != null && !isDamaged(number, member)) {
                    List<Entry> actual = Entry.in(
                            replica.log(), Math.min(end, replica.snapshot().logEndOffset()));
                    same(number, leader, expected, member, replica, actual);
                }
            }
        }
    }

    private Partition replica(int number, int broker) {
        SimulatedBroker.Incarnation running =
                broker < 0 ? null : world.broker(broker).running();
        return running == null ? null : running.partition(number);
    }

    /** From where both begin: a replica may have deleted more than another. */
    private static void same(
            int number, Partition leader, List<Entry> ofLeader, int member, Partition replica, List<Entry> ofMember) {
        long start =
                Math.max(leader.snapshot().logStartOffset(), replica.snapshot().logStartOffset());
        List<Entry> expected = since(start, ofLeader);
        List<Entry> actual = since(start, ofMember);
        if (!expected.equals(actual)) {
            int at = 0;
            while (at < Math.min(expected.size(), actual.size())
                    && expected.get(at).equals(actual.get(at))) {
                at++;
            }
            throw new Violation("partition " + number + ": below the high watermark leader "
                    + leader.role().leaderId() + " has " + tail(expected, at) + " where broker " + member
                    + ", in sync, has " + tail(actual, at));
        }
    }

    private static List<Entry> since(long start, List<Entry> entries) {
        return entries.stream().filter(entry -> entry.offset() >= start).toList();
    }

    private static List<Entry> tail(List<Entry> entries, int from) {
        return entries.subList(from, Math.min(entries.size(), from + 5));
    }

    private static Map<Long, String> byOffset(List<Entry> log) {
        Map<Long, String> byOffset = new HashMap<>();
        log.forEach(entry -> byOffset.put(entry.offset(), entry.value()));
        return byOffset;
    }

    /** After everything was repaired: all replicas are equal, and hold what was promised, once and in order. */
    void finalLogs() {
        for (PartitionRegistration now : world.controller.image().topic().partitions()) {
            int number = now.partition();
            Partition leader = replica(number, now.leader());
            List<Entry> log = Entry.in(leader.log(), leader.snapshot().logEndOffset());
            for (int broker : now.replicas()) {
                Partition replica = replica(number, broker);
                same(
                        number,
                        leader,
                        log,
                        broker,
                        replica,
                        Entry.in(replica.log(), replica.snapshot().logEndOffset()));
            }
            Map<Long, String> byOffset = byOffset(log);
            holds(number, byOffset, acknowledged, "was acknowledged");
            holds(number, byOffset, seen, "was seen by a consumer");
            inOrderWithoutDuplicates(number, log);
        }
    }

    private void holds(int number, Map<Long, String> log, Map<Integer, TreeMap<Long, String>> promised, String what) {
        promised.getOrDefault(number, new TreeMap<>()).forEach((offset, value) -> {
            if (!value.equals(log.get(offset)) && !mayBeDeleted(number, offset)) {
                throw new Violation("partition " + number + ", offset " + offset + ": " + value + " " + what
                        + ", but there is " + log.get(offset));
            }
        });
    }

    private static void inOrderWithoutDuplicates(int number, List<Entry> log) {
        Map<String, Integer> last = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        for (Entry entry : log) {
            int dash = entry.value().lastIndexOf('-');
            int count = Integer.parseInt(entry.value().substring(dash + 1));
            Integer before = last.put(entry.value().substring(0, dash), count);
            if (before != null && before >= count) {
                wrong.add(entry + " after " + before);
            }
        }
        if (!wrong.isEmpty()) {
            throw new Violation("partition " + number + ": twice or out of order: " + wrong);
        }
    }
}
