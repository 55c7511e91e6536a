package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.ClassicSnapshot;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.GroupConfig.MigrationPolicy;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.OfferedProtocol;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Classic;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Identity;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Subscription;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** JoinGroup for a consumer group. On the shard's loop. */
final class ClassicMemberJoin {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicMemberJoin.class);
    private static final short MEMBER_ID_REQUIRED_SINCE = 4;

    private final GroupContext context;
    private final MemberUpdate update;
    private final Downgrade downgrade;
    private final Departures departures;
    private final ConsumerStories stories;

    ClassicMemberJoin(
            GroupContext context,
            MemberUpdate update,
            Downgrade downgrade,
            Departures departures,
            ConsumerStories stories) {
        this.context = context;
        this.update = update;
        this.downgrade = downgrade;
        this.departures = departures;
        this.stories = stories;
    }

    /** Drafts a join; an {@link org.apache.kafka.common.errors.ApiException} is the refusal. */
    JoinGroupResponseData join(
            ConsumerGroup group, ClientContext client, JoinGroupRequestData request, Moment now, Decision decision) {
        ConsumerProtocolSubscription subscription = admit(group, request);
        boolean nameless = request.memberId().isEmpty();
        String memberId = nameless ? context.newMemberId(client.clientId()) : request.memberId();
        String instanceId = request.groupInstanceId();
        if (nameless && instanceId == null && client.apiVersion() >= MEMBER_ID_REQUIRED_SINCE) {
            LOG.info(
                    "[GroupId {}] Dynamic member with unknown member id joins the consumer group. Created a new member id {} and requesting the member to rejoin with this id.",
                    group.groupId(),
                    memberId);
            return new JoinGroupResponseData()
                    .setMemberId(memberId)
                    .setErrorCode(Errors.MEMBER_ID_REQUIRED.code())
                    .setProtocolName(null);
        }
        ConsumerMember before = before(group, memberId, instanceId, nameless);
        if (before == null && !subscription.ownedPartitions().isEmpty()) {
            // It was fenced while it was away: what it still holds is somebody else's by now.
            throw Errors.UNKNOWN_MEMBER_ID.exception("Member " + memberId + " is not a member of group "
                    + group.groupId() + " but says that it owns partitions.");
        }
        ConsumerMember member = member(client, request, memberId, subscription, before);
        ConsumerMember replaced = before == null || before.id().equals(memberId) ? null : before;
        if (replaced != null) {
            List<ConsumerMember> members = group.members().stream()
                    .map(each -> each.id().equals(replaced.id()) ? member : each)
                    .toList();
            if (downgrade.isDue(group, members)) {
                return becomeClassic(group, replaced, member, members, now, decision);
            }
        }
        return stayConsumer(group, before, member, replaced, subscription, now, decision);
    }

    private JoinGroupResponseData stayConsumer(
            ConsumerGroup group,
            @Nullable ConsumerMember before,
            ConsumerMember member,
            @Nullable ConsumerMember replaced,
            ConsumerProtocolSubscription subscription,
            Moment now,
            Decision decision) {
        var topics = new TopicMetadata(context.image().get());
        var draft = new GroupDraft(group, topics, decision);
        if (replaced != null) {
            draft.replace(replaced, member);
        }
        ConsumerMember after =
                update.apply(group, draft, before, member, owned(subscription, topics), departures.times(group), now);
        Classic said = after.classic();
        int sessionTimeoutMs = said == null ? 0 : said.sessionTimeoutMs();
        stories.heard(group, draft, after, sessionTimeoutMs, topics, now, decision);
        departures.deadlines().watch(group, after, now);
        departures.deadlines().expectSync(group, after, now);
        return joined(after.id(), after.epoch(), firstOf(after));
    }

    /** The last member of the consumer protocol, a static one, comes back in the classic protocol. */
    private JoinGroupResponseData becomeClassic(
            ConsumerGroup group,
            ConsumerMember before,
            ConsumerMember member,
            List<ConsumerMember> members,
            Moment now,
            Decision decision) {
        // Nobody is disturbed if everybody already has what is meant for it.
        boolean rebalance = !group.isReconciled()
                || !before.subscription().topics().equals(member.subscription().topics());
        Classic said = member.classic();
        stories.replacedClassic(group, before, member, said == null ? 0 : said.sessionTimeoutMs(), now, decision);
        ClassicSnapshot snapshot = downgrade.snapshot(group, members, List.of());
        String protocol = downgrade.convert(group, snapshot, member.id(), rebalance, decision);
        return joined(member.id(), snapshot.generation(), protocol);
    }

    private static String firstOf(ConsumerMember member) {
        Classic classic = member.classic();
        return classic == null ? "" : classic.first().name();
    }

    private static JoinGroupResponseData joined(String memberId, int generation, String protocol) {
        return new JoinGroupResponseData()
                .setMemberId(memberId)
                .setGenerationId(generation)
                .setProtocolType("consumer")
                .setProtocolName(protocol);
    }

    // --- who may come in ---

    private ConsumerProtocolSubscription admit(ConsumerGroup group, JoinGroupRequestData request) {
        if (context.config().consumer().migrationPolicy() == MigrationPolicy.DISABLED) {
            throw Errors.INCONSISTENT_GROUP_PROTOCOL.exception("Cannot join the consumer group " + group.groupId()
                    + " with the classic protocol because the group migration is disabled.");
        }
        int maxSize = context.config().consumer().maxSize();
        if (group.size() >= maxSize && group.member(request.memberId()) == null) {
            throw Errors.GROUP_MAX_SIZE_REACHED.exception(
                    "The consumer group has reached its maximum capacity of " + maxSize + " members.");
        }
        Set<String> names = new HashSet<>();
        request.protocols().forEach(protocol -> names.add(protocol.name()));
        if (!group.protocolType().equals(request.protocolType()) || names.isEmpty() || !agree(group, request, names)) {
            throw Errors.INCONSISTENT_GROUP_PROTOCOL.exception(
                    "Member " + request.memberId() + "'s protocols are not supported.");
        }
        ConsumerProtocolSubscription subscription = EmbeddedProtocol.subscription(
                request.protocols().iterator().next().metadata());
        if (subscription == null) {
            throw Errors.INCONSISTENT_GROUP_PROTOCOL.exception(
                    "Malformed embedded consumer protocol in the subscription of member " + request.memberId() + ".");
        }
        return subscription;
    }

    /** Members of the classic protocol must agree on an assignor, so that they can be a classic group again. */
    private static boolean agree(ConsumerGroup group, JoinGroupRequestData request, Set<String> offered) {
        Set<String> common = new HashSet<>(offered);
        for (ConsumerMember member : group.members()) {
            Classic classic = member.classic();
            if (classic != null && !member.id().equals(request.memberId())) {
                common.retainAll(
                        classic.protocols().stream().map(OfferedProtocol::name).toList());
            }
        }
        return !common.isEmpty();
    }

    private static @Nullable ConsumerMember before(
            ConsumerGroup group, String memberId, @Nullable String instanceId, boolean nameless) {
        if (instanceId == null) {
            return group.member(memberId);
        }
        ConsumerMember holder = group.staticMember(instanceId);
        if (nameless) {
            return holder;
        }
        if (holder == null) {
            throw Errors.UNKNOWN_MEMBER_ID.exception("Instance id " + instanceId + " is unknown.");
        }
        if (!holder.id().equals(memberId)) {
            throw Errors.FENCED_INSTANCE_ID.exception("Static member " + memberId + " with instance id " + instanceId
                    + " was fenced by member " + holder.id() + ".");
        }
        return holder;
    }

    private static ConsumerMember member(
            ClientContext client,
            JoinGroupRequestData request,
            String memberId,
            ConsumerProtocolSubscription subscription,
            @Nullable ConsumerMember before) {
        int rebalanceTimeoutMs =
                client.apiVersion() == 0 ? request.sessionTimeoutMs() : Math.max(0, request.rebalanceTimeoutMs());
        var identity = new Identity(
                memberId,
                request.groupInstanceId(),
                subscription.rackId(),
                client.clientId(),
                "/" + client.address().getHostAddress());
        List<OfferedProtocol> protocols = new ArrayList<>();
        request.protocols()
                .forEach(protocol -> protocols.add(new OfferedProtocol(protocol.name(), protocol.metadata())));
        return new ConsumerMember(
                identity,
                new Subscription(rebalanceTimeoutMs, Set.copyOf(subscription.topics()), "", null),
                before == null ? Progress.NEW : present(before.progress()),
                new Classic(request.sessionTimeoutMs(), List.copyOf(protocols)));
    }

    /** A member that had left for a while goes on where it was. */
    private static Progress present(Progress before) {
        return before.epoch() == ConsumerGroup.LEFT_FOR_NOW
                ? before.next(
                        before.previousEpoch(),
                        before.previousEpoch(),
                        before.state(),
                        before.assigned(),
                        before.pendingRevocation())
                : before;
    }

    /** What a subscription says its member owns. */
    static TopicPartitions owned(ConsumerProtocolSubscription subscription, TopicMetadata topics) {
        Map<Uuid, Set<Integer>> owned = new HashMap<>();
        subscription
                .ownedPartitions()
                .forEach(topic ->
                        topics.ids(Set.of(topic.topic())).forEach(id -> owned.put(id, Set.copyOf(topic.partitions()))));
        return TopicPartitions.of(owned);
    }
}
