package io.millrace.broker.coordinator.group;

import io.millrace.broker.protocol.ClientContext;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;

/**
 * The group coordinator's services, one per API; any thread. A request for several groups is split over their shards and joined
 * again here. Expected failures are error codes inside the response; a future fails only if the broker is broken. Responses leave
 * fields that {@code client.apiVersion()} does not have at their defaults.
 */
public interface GroupCoordinator {

    /** Number of the {@code __consumer_offsets} partition that holds a group. */
    int partitionFor(String groupId);

    /** Whether this broker is configured to serve the consumer protocol. */
    boolean servesConsumerProtocol();

    CompletableFuture<JoinGroupResponseData> joinGroup(ClientContext client, JoinGroupRequestData request);

    CompletableFuture<SyncGroupResponseData> syncGroup(ClientContext client, SyncGroupRequestData request);

    /**
     * A member's sign of life.
     *
     * @param mayWait whether an answer without news may wait for some, for seconds at most or until {@link #hurryHeartbeat}
     */
    CompletableFuture<HeartbeatResponseData> heartbeat(
            ClientContext client, HeartbeatRequestData request, boolean mayWait);

    /** Has a heartbeat that waits answered now, because the connection has another request. */
    void hurryHeartbeat(HeartbeatRequestData request);

    CompletableFuture<LeaveGroupResponseData> leaveGroup(ClientContext client, LeaveGroupRequestData request);

    CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerGroupHeartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request);

    /** Topic names in the response are empty for topics that are gone. */
    CompletableFuture<ConsumerGroupDescribeResponseData> consumerGroupDescribe(
            ClientContext client, ConsumerGroupDescribeRequestData request);

    /** Every topic of the request has its name, exists and is authorised; topic ids, where given, are kept with the offsets. */
    CompletableFuture<OffsetCommitResponseData> commitOffsets(ClientContext client, OffsetCommitRequestData request);

    /** Every topic of the request has its name. Answers to a request for all topics have names but no topic ids. */
    CompletableFuture<OffsetFetchResponseData> fetchOffsets(ClientContext client, OffsetFetchRequestData request);

    CompletableFuture<OffsetDeleteResponseData> deleteOffsets(ClientContext client, OffsetDeleteRequestData request);

    CompletableFuture<ListGroupsResponseData> listGroups(ClientContext client, ListGroupsRequestData request);

    CompletableFuture<DescribeGroupsResponseData> describeGroups(
            ClientContext client, DescribeGroupsRequestData request);

    CompletableFuture<DeleteGroupsResponseData> deleteGroups(ClientContext client, DeleteGroupsRequestData request);
}
