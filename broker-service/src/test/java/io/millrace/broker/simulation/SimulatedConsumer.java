package io.millrace.broker.simulation;

import io.millrace.broker.replication.Partition;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** A consumer that reads one partition from its beginning, from whoever leads. */
final class SimulatedConsumer {

    private static final long REQUEST_TIMEOUT_NS = 200 * Scheduler.MS;
    private static final long BACKOFF_NS = 20 * Scheduler.MS;

    private final World world;
    private final int partition;
    private final LeaderLookup lookup;
    private ClientConnection connection;
    private long position;

    SimulatedConsumer(World world, int partition) {
        this.world = world;
        this.partition = partition;
        this.lookup = new LeaderLookup(world, partition);
        connectLater();
    }

    long position() {
        return position;
    }

    private void connectLater() {
        world.scheduler.after(BACKOFF_NS, () -> {
            SimulatedBroker.Incarnation leader = lookup.leader();
            if (leader == null) {
                connectLater();
                return;
            }
            ClientConnection[] made = new ClientConnection[1];
            made[0] = new ClientConnection(world, SimulatedNetwork.CLIENTS, leader, () -> lost(made[0]));
            connection = made[0];
            fetch();
        });
    }

    private void lost(ClientConnection which) {
        if (which == connection) {
            connection.close();
            connection = null;
            connectLater();
        }
    }

    private void fetch() {
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(60)
                .setMinBytes(1)
                .setMaxBytes(1 << 16)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchTopic()
                        .setTopic(SimulatedImage.TOPIC)
                        .setTopicId(SimulatedImage.TOPIC_ID)
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(partition)
                                .setCurrentLeaderEpoch(lookup.leaderEpoch())
                                .setFetchOffset(position)
                                .setPartitionMaxBytes(1 << 16)))));
        ClientConnection over = connection;
        Scheduler.Event timeout = world.scheduler.after(REQUEST_TIMEOUT_NS, () -> lost(over));
        over.send(ApiKeys.FETCH, request, answer -> {
            timeout.cancel();
            if (over == connection) {
                answered(answer);
            }
        });
    }

    private void answered(ApiMessage answer) {
        FetchResponseData.PartitionData data =
                ((FetchResponseData) answer).responses().getFirst().partitions().getFirst();
        Errors error = Errors.forCode(data.errorCode());
        if (error == Errors.NONE) {
            if (data.records() instanceof MemoryRecords records) {
                for (Entry entry : Entry.of(records, position, Long.MAX_VALUE)) {
                    if (entry.offset() >= data.highWatermark()) {
                        throw new Violation(
                                "a consumer gets " + entry + ", not below the high watermark " + data.highWatermark());
                    }
                    world.ledger.seen(partition, entry);
                    position = entry.offset() + 1;
                }
            }
            world.scheduler.after(Scheduler.MS, () -> {
                if (connection != null) {
                    fetch();
                }
            });
            return;
        }
        if (error == Errors.OFFSET_OUT_OF_RANGE && world.ledger.mayBeDeleted(partition, position)) {
            beginAnew();
        } else if (error == Errors.OFFSET_OUT_OF_RANGE && !world.ledger.isBeyondFaultModel()) {
            // Consumers believe this and go to another place. Whoever does not lead in the epoch that they name must
            // not say it.
            throw new Violation("broker " + lookup.leaderId() + " says that partition " + partition
                    + " does not have offset " + position + ", up to which a consumer of leader epoch "
                    + lookup.leaderEpoch() + " has read");
        }
        lost(connection);
    }

    /** Where the log of the leader that it has asked begins. */
    private void beginAnew() {
        SimulatedBroker.Incarnation leader = world.broker(lookup.leaderId()).running();
        Partition replica = leader == null ? null : leader.partition(partition);
        if (replica != null) {
            position = Math.max(position, replica.snapshot().logStartOffset());
        }
    }
}
