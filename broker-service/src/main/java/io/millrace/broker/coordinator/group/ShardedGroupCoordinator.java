package io.millrace.broker.coordinator.group;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ImageListener;
import io.millrace.broker.coordinator.CoordinatorEvent;
import io.millrace.broker.coordinator.CoordinatorLoaded;
import io.millrace.broker.coordinator.CoordinatorRuntime;
import io.millrace.broker.coordinator.RuntimeOptions;
import io.millrace.broker.coordinator.ShardElections;
import io.millrace.broker.coordinator.group.consumer.ConsumerProtocol;
import io.millrace.broker.coordinator.group.consumer.HeartbeatBudget;
import io.millrace.broker.coordinator.group.offset.OffsetCommits;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.replication.Partitions;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.utils.Utils;

/** The group coordinator over the shards of {@code __consumer_offsets} that this broker leads; any thread. */
public final class ShardedGroupCoordinator implements GroupCoordinator, ImageListener {
    private static final short LEAVE_BATCHED_SINCE = 3;
    private static final short JOIN_NULL_PROTOCOL_SINCE = 7;
    private static final short SYNC_PROTOCOL_SINCE = 5;
    private static final short FETCH_BATCHED_SINCE = 8;

    private final GroupConfig config;
    private final Supplier<ClusterImage> image;
    private final CoordinatorRuntime<GroupShard> runtime;

    /**
     * Without groups until it {@linkplain #follow follows} partitions.
     *
     * @param events told of everything that happens in groups, on the shards' loops; must not block
     */
    public ShardedGroupCoordinator(
            GroupConfig config,
            Supplier<ClusterImage> image,
            Clock clock,
            RandomSource random,
            IoWorkers workers,
            Consumer<CoordinatorEvent> events) {
        this.config = config;
        this.image = image;
        var heartbeats = new HeartbeatBudget();
        this.runtime = new CoordinatorRuntime<>(
                Topic.GROUP_METADATA_TOPIC_NAME,
                partition -> new GroupShard(config, random, image, heartbeats),
                GroupRecords.CODEC,
                new RuntimeOptions(
                        config.offsetsCommitTimeoutMs(),
                        config.offsetsLoadBufferSizeBytes(),
                        Compression.of(config.offsetsTopicCompression()).build()),
                clock,
                workers,
                events,
                (partition, durationMs, records) -> events.accept(
                        new CoordinatorLoaded(Topic.GROUP_METADATA_TOPIC_NAME, partition, durationMs, records)));
    }

    /** Takes over the groups whose partitions this broker leads, now and from now on. */
    public void follow(Partitions partitions) {
        new ShardElections(runtime).follow(partitions);
    }

    /** Gives all groups up; whoever waits is sent to look for another coordinator. */
    public CompletableFuture<Void> shutdown() {
        return runtime.shutdown();
    }

    CoordinatorRuntime<GroupShard> runtime() {
        return runtime;
    }

    @Override
    public int partitionFor(String groupId) {
        ClusterImage.Topic topic = image.get().topic(Topic.GROUP_METADATA_TOPIC_NAME);
        int count = topic == null ? config.offsetsTopicPartitions() : topic.partitionCount();
        return Utils.abs(groupId.hashCode()) % count;
    }

    @Override
    public void imageChanged(ImageChange change) {
        Set<String> deleted = new HashSet<>();
        for (Uuid id : change.deletedTopics()) {
            ClusterImage.Topic topic = change.before().topic(id);
            if (topic != null && change.after().topic(topic.name()) == null) {
                deleted.add(topic.name());
            }
        }
        for (Uuid id : change.changedTopics()) {
            ClusterImage.Topic before = change.before().topic(id);
            ClusterImage.Topic after = change.after().topic(id);
            if (before != null && after != null && before.partitionCount() != after.partitionCount()) {
                runtime.tell((shard, now, decision, reply) -> {
                    shard.partitionsChanged(
                            after.name(), before.partitionCount(), after.partitionCount(), now, decision);
                    decision.reply(reply, true);
                });
            }
        }
        if (!deleted.isEmpty()) {
            runtime.tell((shard, now, decision, reply) -> {
                shard.topicsDeleted(deleted, decision);
                decision.reply(reply, true);
            });
        }
    }

    // --- classic protocol ---

    @Override
    public CompletableFuture<JoinGroupResponseData> joinGroup(ClientContext client, JoinGroupRequestData request) {
        Function<Errors, JoinGroupResponseData> refusal = error -> new JoinGroupResponseData()
                .setMemberId(request.memberId())
                .setErrorCode(error.code())
                .setProtocolName(null);
        int sessionMs = request.sessionTimeoutMs();
        if (request.groupId().isEmpty()) {
            return joined(client, CompletableFuture.completedFuture(refusal.apply(Errors.INVALID_GROUP_ID)));
        }
        if (sessionMs < config.classic().minSessionTimeoutMs()
                || sessionMs > config.classic().maxSessionTimeoutMs()) {
            return joined(client, CompletableFuture.completedFuture(refusal.apply(Errors.INVALID_SESSION_TIMEOUT)));
        }
        return joined(
                client,
                runtime.ask(
                        partitionFor(request.groupId()),
                        refusal,
                        (shard, now, decision, reply) -> shard.join(client, request, now, decision, reply)));
    }

    private static CompletableFuture<JoinGroupResponseData> joined(
            ClientContext client, CompletableFuture<JoinGroupResponseData> future) {
        if (client.apiVersion() >= JOIN_NULL_PROTOCOL_SINCE) {
            return future;
        }
        return future.thenApply(response -> response.protocolName() == null ? response.setProtocolName("") : response);
    }

    @Override
    public CompletableFuture<SyncGroupResponseData> syncGroup(ClientContext client, SyncGroupRequestData request) {
        Function<Errors, SyncGroupResponseData> refusal =
                error -> new SyncGroupResponseData().setErrorCode(error.code());
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(refusal.apply(Errors.INVALID_GROUP_ID));
        }
        if (client.apiVersion() >= SYNC_PROTOCOL_SINCE
                && (request.protocolType() == null || request.protocolName() == null)) {
            return CompletableFuture.completedFuture(refusal.apply(Errors.INCONSISTENT_GROUP_PROTOCOL));
        }
        return runtime.ask(
                partitionFor(request.groupId()),
                refusal,
                (shard, now, decision, reply) -> shard.sync(request, now, decision, reply));
    }

    @Override
    public CompletableFuture<HeartbeatResponseData> heartbeat(
            ClientContext client, HeartbeatRequestData request, boolean mayWait) {
        // While the group loads nobody can be told more than to go on.
        Function<Errors, HeartbeatResponseData> refusal = error -> new HeartbeatResponseData()
                .setErrorCode((error == Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.NONE : error).code());
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(refusal.apply(Errors.INVALID_GROUP_ID));
        }
        return runtime.ask(
                partitionFor(request.groupId()),
                refusal,
                (shard, now, decision, reply) -> shard.heartbeat(request, mayWait, now, decision, reply));
    }

    @Override
    public void hurryHeartbeat(HeartbeatRequestData request) {
        var _ = runtime.ask(partitionFor(request.groupId()), error -> false, (shard, now, decision, reply) -> {
            shard.hurryHeartbeat(request.groupId(), request.memberId(), decision);
            decision.reply(reply, true);
        });
    }

    @Override
    public CompletableFuture<LeaveGroupResponseData> leaveGroup(ClientContext client, LeaveGroupRequestData request) {
        boolean single = client.apiVersion() < LEAVE_BATCHED_SINCE;
        List<MemberIdentity> members =
                single ? List.of(new MemberIdentity().setMemberId(request.memberId())) : request.members();
        Function<Errors, LeaveGroupResponseData> refusal =
                error -> new LeaveGroupResponseData().setErrorCode(error.code());
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(refusal.apply(Errors.INVALID_GROUP_ID));
        }
        CompletableFuture<LeaveGroupResponseData> answer = runtime.ask(
                partitionFor(request.groupId()),
                refusal,
                (shard, now, decision, reply) ->
                        decision.reply(reply, shard.leave(request.groupId(), members, now, decision)));
        return answer.thenApply(response -> leaveResponse(client.apiVersion(), members, response));
    }

    /** A group that is not there is an error of each member; before version 3 the only member's error is the response's. */
    private static LeaveGroupResponseData leaveResponse(
            short version, List<MemberIdentity> members, LeaveGroupResponseData response) {
        Errors error = Errors.forCode(response.errorCode());
        var answers = response.members();
        if (error == Errors.UNKNOWN_MEMBER_ID) {
            error = Errors.NONE;
            answers = members.stream()
                    .map(member -> new LeaveGroupResponseData.MemberResponse()
                            .setMemberId(member.memberId())
                            .setGroupInstanceId(member.groupInstanceId())
                            .setErrorCode(Errors.UNKNOWN_MEMBER_ID.code()))
                    .toList();
        }
        if (error != Errors.NONE) {
            return new LeaveGroupResponseData().setErrorCode(error.code());
        }
        return new LeaveGroupResponse(answers, error, 0, version).data();
    }

    // --- consumer protocol ---

    @Override
    public boolean servesConsumerProtocol() {
        return config.consumer().enabled();
    }

    @Override
    public CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerGroupHeartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request) {
        return runtime.ask(
                partitionFor(request.groupId()),
                ConsumerProtocol::refusal,
                (shard, now, decision, reply) ->
                        decision.reply(reply, shard.consumerHeartbeat(client, request, now, decision)));
    }

    @Override
    public CompletableFuture<ConsumerGroupDescribeResponseData> consumerGroupDescribe(
            ClientContext client, ConsumerGroupDescribeRequestData request) {
        var answers = new ArrayList<CompletableFuture<ConsumerGroupDescribeResponseData.DescribedGroup>>();
        for (String groupId : request.groupIds()) {
            answers.add(runtime.ask(
                    partitionFor(groupId),
                    error -> new ConsumerGroupDescribeResponseData.DescribedGroup()
                            .setGroupId(groupId)
                            .setErrorCode(error.code()),
                    (shard, now, decision, reply) -> {
                        decision.readsCommitted();
                        decision.reply(reply, shard.describeConsumer(groupId));
                    }));
        }
        return all(answers).thenApply(groups -> new ConsumerGroupDescribeResponseData().setGroups(groups));
    }

    // --- offsets ---

    @Override
    public CompletableFuture<OffsetCommitResponseData> commitOffsets(
            ClientContext client, OffsetCommitRequestData request) {
        return runtime.gather(
                partitionFor(request.groupId()),
                error -> OffsetCommits.refusal(request, error),
                (shard, now, decision, reply) ->
                        decision.reply(reply, shard.commit(client.apiVersion(), request, now, decision)));
    }

    @Override
    public CompletableFuture<OffsetFetchResponseData> fetchOffsets(
            ClientContext client, OffsetFetchRequestData request) {
        var answers = new ArrayList<CompletableFuture<OffsetFetchResponseGroup>>();
        for (OffsetFetchRequestGroup group : fetchGroups(client.apiVersion(), request)) {
            answers.add(runtime.ask(
                    partitionFor(group.groupId()),
                    error -> new OffsetFetchResponseGroup()
                            .setGroupId(group.groupId())
                            .setErrorCode(error.code()),
                    (shard, now, decision, reply) -> {
                        decision.readsCommitted();
                        decision.reply(reply, shard.fetch(group, request.requireStable()));
                    }));
        }
        return all(answers)
                .thenApply(groups -> new OffsetFetchResponse.Builder(groups)
                        .build(client.apiVersion())
                        .data());
    }

    private static List<OffsetFetchRequestGroup> fetchGroups(short version, OffsetFetchRequestData request) {
        if (version >= FETCH_BATCHED_SINCE) {
            return request.groups();
        }
        var group = new OffsetFetchRequestGroup().setGroupId(request.groupId()).setTopics(null);
        if (request.topics() != null) {
            group.setTopics(request.topics().stream()
                    .map(topic -> new OffsetFetchRequestData.OffsetFetchRequestTopics()
                            .setName(topic.name())
                            .setPartitionIndexes(topic.partitionIndexes()))
                    .toList());
        }
        return List.of(group);
    }

    @Override
    public CompletableFuture<OffsetDeleteResponseData> deleteOffsets(
            ClientContext client, OffsetDeleteRequestData request) {
        return runtime.ask(
                partitionFor(request.groupId()),
                error -> new OffsetDeleteResponseData().setErrorCode(error.code()),
                (shard, now, decision, reply) -> decision.reply(reply, shard.deleteOffsets(request, decision)));
    }

    // --- groups ---

    @Override
    public CompletableFuture<ListGroupsResponseData> listGroups(ClientContext client, ListGroupsRequestData request) {
        var filter = GroupFilter.of(request);
        var answers = new ArrayList<CompletableFuture<ListGroupsResponseData>>();
        for (int partition : runtime.partitions()) {
            answers.add(runtime.ask(
                    partition,
                    error -> new ListGroupsResponseData().setErrorCode(error.code()),
                    (shard, now, decision, reply) -> {
                        decision.readsCommitted();
                        decision.reply(reply, new ListGroupsResponseData().setGroups(filter.list(shard.groups())));
                    }));
        }
        return all(answers).thenApply(ShardedGroupCoordinator::joinLists);
    }

    private static ListGroupsResponseData joinLists(List<ListGroupsResponseData> parts) {
        var joined = new ListGroupsResponseData();
        for (ListGroupsResponseData part : parts) {
            Errors error = Errors.forCode(part.errorCode());
            if (error == Errors.NONE) {
                joined.groups().addAll(part.groups());
            } else if (error != Errors.NOT_COORDINATOR) {
                // A list that lacks somebody's groups must not look complete.
                return new ListGroupsResponseData().setErrorCode(part.errorCode());
            }
        }
        return joined;
    }

    @Override
    public CompletableFuture<DescribeGroupsResponseData> describeGroups(
            ClientContext client, DescribeGroupsRequestData request) {
        var answers = new ArrayList<CompletableFuture<DescribedGroup>>();
        for (String groupId : request.groups()) {
            answers.add(runtime.ask(
                    partitionFor(groupId),
                    error -> new DescribedGroup().setGroupId(groupId).setErrorCode(error.code()),
                    (shard, now, decision, reply) -> {
                        decision.readsCommitted();
                        decision.reply(reply, shard.describe(groupId, client.apiVersion()));
                    }));
        }
        return all(answers).thenApply(groups -> new DescribeGroupsResponseData().setGroups(groups));
    }

    @Override
    public CompletableFuture<DeleteGroupsResponseData> deleteGroups(
            ClientContext client, DeleteGroupsRequestData request) {
        var answers = new ArrayList<CompletableFuture<DeletableGroupResult>>();
        for (String groupId : new HashSet<>(request.groupsNames())) {
            answers.add(runtime.ask(
                    partitionFor(groupId),
                    error -> new DeletableGroupResult().setGroupId(groupId).setErrorCode(error.code()),
                    (shard, now, decision, reply) -> decision.reply(reply, shard.delete(groupId, decision))));
        }
        return all(answers).thenApply(results -> {
            var response = new DeleteGroupsResponseData();
            results.forEach(response.results()::add);
            return response;
        });
    }

    private static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(_ -> futures.stream().map(CompletableFuture::join).toList());
    }
}
