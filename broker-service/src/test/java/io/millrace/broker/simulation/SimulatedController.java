package io.millrace.broker.simulation;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.simulation.SimulatedImage.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterPartitionRequestData;
import org.apache.kafka.common.message.AlterPartitionRequestData.BrokerState;
import org.apache.kafka.common.message.AlterPartitionResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * The active controller as KRaft's is, without eligible leader replicas and without unclean elections: registrations with broker
 * epochs, sessions kept by heartbeats, leader and partition epochs, AlterPartition, reassignments. Every decision is one more image.
 */
final class SimulatedController {

    private static final int NOBODY = -1;

    /** What the controller knows of a broker beside the image. */
    private static final class Session {
        String incarnation = "";
        long contactNs;
        long metadataOffset = -1;
        long leftAtOffset = -1;
        boolean dead;
    }

    record Registered(Errors error, long brokerEpoch) {}

    record Heartbeat(int broker, long brokerEpoch, long metadataOffset, boolean wantFence, boolean wantShutDown) {}

    record HeartbeatAnswer(boolean stale, boolean fenced, boolean mayShutDown) {}

    private final Scheduler scheduler;
    private final long sessionNs;
    private final Consumer<String> trace;
    private final Consumer<SimulatedImage> committed;
    private final List<SimulatedImage> images = new ArrayList<>();
    private final SortedMap<Integer, Session> sessions = new TreeMap<>();
    private long downUntilNs;

    SimulatedController(
            Scheduler scheduler, long sessionMs, Consumer<String> trace, Consumer<SimulatedImage> committed) {
        this.scheduler = scheduler;
        this.sessionNs = sessionMs * Scheduler.MS;
        this.trace = trace;
        this.committed = committed;
        images.add(SimulatedImage.empty());
        watchSessions();
    }

    SimulatedImage image() {
        return images.getLast();
    }

    /** An image after {@code offset}, not necessarily the newest; null if there is none or no controller is there. */
    SimulatedImage after(long offset) {
        int next = (int) offset + 2;
        if (isDown() || next >= images.size()) {
            return null;
        }
        return images.get(next + scheduler.random.nextInt(images.size() - next));
    }

    boolean isDown() {
        return scheduler.nowNs() < downUntilNs;
    }

    /** Between two active controllers nobody answers; the new one gives every broker a new session. */
    void failOver(long durationNs) {
        downUntilNs = scheduler.nowNs() + durationNs;
        sessions.values().forEach(session -> session.contactNs = downUntilNs);
    }

    void create(int partitions, List<List<Integer>> replicas, Map<String, String> topicConfig) {
        List<PartitionRegistration> registrations = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            List<Integer> assigned = replicas.get(i);
            registrations.add(registration(i, assigned.getFirst(), 0, 0, assigned, assigned, List.of(), List.of()));
        }
        commit(
                "create",
                new SimulatedImage(0, image().members(), new SimulatedImage.OneTopic(registrations), topicConfig));
    }

    private static PartitionRegistration registration(
            int partition,
            int leader,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> adding,
            List<Integer> removing) {
        return new PartitionRegistration(
                partition,
                leader,
                leaderEpoch,
                partitionEpoch,
                List.copyOf(replicas),
                List.copyOf(isr),
                List.copyOf(adding),
                List.copyOf(removing),
                List.of(),
                List.of(),
                replicas.stream().map(replica -> Uuid.ZERO_UUID).toList());
    }

    private void commit(String what, SimulatedImage next) {
        SimulatedImage numbered =
                new SimulatedImage(images.size() - 1L, next.members(), next.topic(), next.topicConfig());
        for (int i = 0; i < numbered.topic().partitionCount(); i++) {
            PartitionRegistration before = image().topic().partition(i);
            PartitionRegistration after = numbered.topic().partition(i);
            if (!Objects.equals(before, after)) {
                trace.accept("controller @%d %s: partition %d leader %d epoch %d/%d isr %s of %s"
                        .formatted(
                                numbered.offset(),
                                what,
                                i,
                                after.leader(),
                                after.leaderEpoch(),
                                after.partitionEpoch(),
                                after.isr(),
                                after.replicas()));
            }
        }
        images.add(numbered);
        committed.accept(numbered);
    }

    private SortedMap<Integer, Member> with(Member member) {
        SortedMap<Integer, Member> members = new TreeMap<>(image().members());
        members.put(member.id(), member);
        return members;
    }

    /** Commits a change of one member together with what it does to the partitions. */
    private void change(String what, Member member, UnaryOperator<PartitionRegistration> effect) {
        SortedMap<Integer, Member> members = with(member);
        SimulatedImage now = image();
        // Elections look at the members as they will be.
        electable = members;
        List<PartitionRegistration> partitions =
                now.topic().partitions().stream().map(effect).toList();
        commit(what, new SimulatedImage(0, members, new SimulatedImage.OneTopic(partitions), now.topicConfig()));
        trace.accept("controller @" + image().offset() + " " + what + ": " + member);
    }

    private SortedMap<Integer, Member> electable = new TreeMap<>();

    private boolean isActive(int broker) {
        Member member = electable.get(broker);
        return member != null && !member.fenced() && !member.inControlledShutdown();
    }

    Registered register(int broker, String incarnation) {
        if (isDown()) {
            return null;
        }
        Session session = sessions.computeIfAbsent(broker, unknown -> new Session());
        Member before = image().members().get(broker);
        if (session.incarnation.equals(incarnation)) {
            return new Registered(Errors.NONE, Objects.requireNonNull(before).epoch());
        }
        boolean validSession = scheduler.nowNs() - session.contactNs < sessionNs;
        if (before != null && !before.fenced() && validSession && !session.dead) {
            return new Registered(Errors.DUPLICATE_BROKER_REGISTRATION, -1);
        }
        session.incarnation = incarnation;
        session.contactNs = scheduler.nowNs();
        session.metadataOffset = -1;
        session.dead = false;
        Member registered = new Member(broker, images.size() - 1L, true, false);
        change("registers", registered, partition -> withoutInSync(partition, broker));
        return new Registered(Errors.NONE, registered.epoch());
    }

    /** Its connection was reset and nobody listens at its address any more. */
    void diedVisibly(int broker) {
        Session session = sessions.get(broker);
        if (session != null && !isDown()) {
            session.dead = true;
            fence(broker, "sees the death of");
        }
    }

    HeartbeatAnswer heartbeat(Heartbeat beat) {
        if (isDown()) {
            return null;
        }
        Member member = image().members().get(beat.broker());
        Session session = sessions.get(beat.broker());
        if (member == null || session == null || member.epoch() != beat.brokerEpoch()) {
            return new HeartbeatAnswer(true, true, false);
        }
        session.contactNs = scheduler.nowNs();
        session.metadataOffset = beat.metadataOffset();
        if (beat.wantShutDown()) {
            return shutDown(member, session);
        }
        if (member.fenced() && !beat.wantFence() && beat.metadataOffset() >= member.epoch()) {
            Member unfenced = new Member(member.id(), member.epoch(), false, false);
            change("unfences", unfenced, partition -> partition.leader() == NOBODY ? elect(partition, -1) : partition);
            return new HeartbeatAnswer(false, false, false);
        }
        return new HeartbeatAnswer(false, member.fenced(), false);
    }

    private HeartbeatAnswer shutDown(Member member, Session session) {
        if (!member.inControlledShutdown()) {
            Member leaving = new Member(member.id(), member.epoch(), member.fenced(), true);
            change("lets go", leaving, partition -> withoutInSync(partition, member.id()));
            session.leftAtOffset = image().offset();
        }
        boolean leads = image().topic().partitions().stream().anyMatch(partition -> partition.leader() == member.id());
        boolean seen = sessions.entrySet().stream()
                .filter(entry -> isActive(entry.getKey()))
                .allMatch(entry -> entry.getValue().metadataOffset >= session.leftAtOffset);
        if (leads || !seen) {
            return new HeartbeatAnswer(false, member.fenced(), false);
        }
        session.dead = true;
        fence(member.id(), "has let go");
        return new HeartbeatAnswer(false, true, true);
    }

    private void watchSessions() {
        scheduler.after(sessionNs / 8, () -> {
            if (!isDown()) {
                for (Member member : List.copyOf(image().members().values())) {
                    if (scheduler.nowNs() - Objects.requireNonNull(sessions.get(member.id())).contactNs > sessionNs) {
                        fence(member.id(), "misses");
                    }
                }
            }
            watchSessions();
        });
    }

    private void fence(int broker, String why) {
        Member member = image().members().get(broker);
        if (member != null && !member.fenced()) {
            change(
                    why,
                    new Member(broker, member.epoch(), true, member.inControlledShutdown()),
                    partition -> withoutInSync(partition, broker));
        }
    }

    /** The last one in sync stays in the ISR, though it may not lead. */
    private PartitionRegistration withoutInSync(PartitionRegistration partition, int broker) {
        return partition.isr().contains(broker) || partition.leader() == broker ? elect(partition, broker) : partition;
    }

    /** Keeps the leader if it may lead; else the first replica in sync that may, or nobody. {@code removed} leaves the ISR. */
    private PartitionRegistration elect(PartitionRegistration partition, int removed) {
        List<Integer> isr = without(partition.isr(), removed);
        if (isr.isEmpty()) {
            isr = partition.isr();
        }
        int leader = partition.leader();
        if (leader == removed || !isr.contains(leader) || !isActive(leader)) {
            List<Integer> candidates = isr;
            leader = partition.replicas().stream()
                    .filter(replica -> candidates.contains(replica) && isActive(replica))
                    .findFirst()
                    .orElse(NOBODY);
        }
        return changed(partition, leader, isr, false);
    }

    private static List<Integer> without(List<Integer> list, int element) {
        return list.stream().filter(other -> other != element).toList();
    }

    private static PartitionRegistration changed(
            PartitionRegistration before, int leader, List<Integer> isr, boolean bump) {
        if (leader == before.leader() && isr.equals(before.isr()) && !bump) {
            return before;
        }
        return registration(
                before.partition(),
                leader,
                before.leaderEpoch() + (leader != before.leader() || bump ? 1 : 0),
                before.partitionEpoch() + 1,
                before.replicas(),
                isr,
                before.addingReplicas(),
                before.removingReplicas());
    }

    private void replace(String what, PartitionRegistration changed) {
        SimulatedImage now = image();
        List<PartitionRegistration> partitions = new ArrayList<>(now.topic().partitions());
        if (!partitions.get(changed.partition()).equals(changed)) {
            partitions.set(changed.partition(), changed);
            commit(
                    what,
                    new SimulatedImage(
                            0, now.members(), new SimulatedImage.OneTopic(List.copyOf(partitions)), now.topicConfig()));
        }
    }

    /** Another replica in sync leads from now on. */
    void moveLeader(int number, int to) {
        PartitionRegistration partition = image().topic().partition(number);
        electable = image().members();
        if (partition.isr().contains(to) && isActive(to) && partition.leader() != to) {
            replace("moves the leader", changed(partition, to, partition.isr(), false));
        }
    }

    /** Begins to move a partition, or takes back what has begun. */
    void reassign(int number, List<Integer> target) {
        PartitionRegistration now = image().topic().partition(number);
        List<Integer> before = now.replicas().stream()
                .filter(replica -> !now.addingReplicas().contains(replica))
                .toList();
        if (!now.addingReplicas().isEmpty() || !now.removingReplicas().isEmpty()) {
            return;
        }
        List<Integer> adding =
                target.stream().filter(replica -> !before.contains(replica)).toList();
        List<Integer> removing =
                before.stream().filter(replica -> !target.contains(replica)).toList();
        List<Integer> all = new ArrayList<>(target);
        all.addAll(removing);
        replace(
                "reassigns",
                registration(
                        number,
                        now.leader(),
                        now.leaderEpoch(),
                        now.partitionEpoch() + 1,
                        all,
                        now.isr(),
                        adding,
                        removing));
    }

    AlterPartitionResponseData alterPartition(AlterPartitionRequestData request) {
        if (isDown()) {
            return null;
        }
        Member member = image().members().get(request.brokerId());
        AlterPartitionResponseData response = new AlterPartitionResponseData();
        if (member == null || member.epoch() != request.brokerEpoch()) {
            return response.setErrorCode(Errors.STALE_BROKER_EPOCH.code());
        }
        for (AlterPartitionRequestData.TopicData topic : request.topics()) {
            AlterPartitionResponseData.TopicData answers =
                    new AlterPartitionResponseData.TopicData().setTopicId(topic.topicId());
            response.topics().add(answers);
            topic.partitions().forEach(asked -> answers.partitions().add(alter(request.brokerId(), asked)));
        }
        return response;
    }

    private AlterPartitionResponseData.PartitionData alter(int broker, AlterPartitionRequestData.PartitionData asked) {
        PartitionRegistration now = image().topic().partition(asked.partitionIndex());
        electable = image().members();
        Errors error = check(broker, asked, now);
        if (error == Errors.NONE) {
            List<Integer> isr =
                    asked.newIsrWithEpochs().stream().map(BrokerState::brokerId).toList();
            PartitionRegistration next = completed(changed(now, now.leader(), isr, false));
            replace("agrees with " + broker, next);
            now = image().topic().partition(asked.partitionIndex());
            if (now.leader() != broker) {
                error = Errors.NEW_LEADER_ELECTED;
            }
        }
        return new AlterPartitionResponseData.PartitionData()
                .setPartitionIndex(asked.partitionIndex())
                .setErrorCode(error.code())
                .setLeaderId(now.leader())
                .setLeaderEpoch(now.leaderEpoch())
                .setIsr(now.isr())
                .setPartitionEpoch(now.partitionEpoch());
    }

    private Errors check(int broker, AlterPartitionRequestData.PartitionData asked, PartitionRegistration now) {
        if (asked.leaderEpoch() > now.leaderEpoch() || asked.partitionEpoch() > now.partitionEpoch()) {
            return Errors.NOT_CONTROLLER;
        } else if (asked.leaderEpoch() < now.leaderEpoch()) {
            return Errors.FENCED_LEADER_EPOCH;
        } else if (now.leader() != broker) {
            return Errors.INVALID_REQUEST;
        } else if (asked.partitionEpoch() < now.partitionEpoch()) {
            return Errors.INVALID_UPDATE_VERSION;
        }
        for (BrokerState state : asked.newIsrWithEpochs()) {
            Member member = electable.get(state.brokerId());
            if (!now.replicas().contains(state.brokerId())) {
                return Errors.INVALID_REQUEST;
            }
            if (!isActive(state.brokerId())
                    || (state.brokerEpoch() != -1
                            && Objects.requireNonNull(member).epoch() != state.brokerEpoch())) {
                return Errors.INELIGIBLE_REPLICA;
            }
        }
        return Errors.NONE;
    }

    /** A reassignment is done when all replicas that are to stay are in sync. */
    private PartitionRegistration completed(PartitionRegistration partition) {
        List<Integer> target = partition.replicas().stream()
                .filter(replica -> !partition.removingReplicas().contains(replica))
                .toList();
        boolean under = !partition.addingReplicas().isEmpty()
                || !partition.removingReplicas().isEmpty();
        if (!under || !partition.isr().containsAll(target)) {
            return partition;
        }
        List<Integer> isr = partition.isr().stream().filter(target::contains).toList();
        PartitionRegistration moved = registration(
                partition.partition(),
                partition.leader(),
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                target,
                isr,
                List.of(),
                List.of());
        PartitionRegistration elected = elect(moved, -1);
        if (!partition.removingReplicas().isEmpty() && elected.leader() == partition.leader()) {
            // Replicas that leave must not fetch in the epoch that they know.
            elected = changed(elected, elected.leader(), elected.isr(), true);
        }
        return elected;
    }
}
