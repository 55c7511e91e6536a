package io.millrace.broker.simulation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** An idempotent producer for one partition: up to five batches in flight; after an error all that is not acknowledged goes again. */
final class SimulatedProducer {

    private static final int MAX_IN_FLIGHT = 5;
    private static final int MAX_WAITING = 20;
    private static final long REQUEST_TIMEOUT_NS = 150 * Scheduler.MS;
    private static final int ACK_TIMEOUT_MS = 100;
    private static final long BACKOFF_NS = 15 * Scheduler.MS;

    private record Batch(int baseSequence, List<String> values) {}

    private final World world;
    private final int number;
    private final int partition;
    private final short acks;
    private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
    private final LeaderLookup lookup;
    private long producerId;
    /** Counts the times it began anew: what an earlier life had sent may still be appended, in between. */
    private int lives;

    /**
     * Whether a batch of this life was acknowledged. Before, a leader that knows nothing of the producer takes any sequence for its
     * first (KIP-360): were a second one under way when the first is refused, that would be a gap for ever.
     */
    private boolean established;

    private int nextSequence;
    private int values;
    private int inFlight;
    private ClientConnection connection;
    private boolean connecting;
    private boolean stopped;

    SimulatedProducer(World world, int number, int partition, short acks) {
        this.world = world;
        this.number = number;
        this.partition = partition;
        this.acks = acks;
        this.producerId = 1_000L * number;
        this.lookup = new LeaderLookup(world, partition);
        produceLater();
    }

    void stop() {
        stopped = true;
    }

    boolean isDone() {
        return stopped && waiting.isEmpty();
    }

    @Override
    public String toString() {
        return "producer " + number + " of partition " + partition + " with acks=" + acks + " has " + waiting;
    }

    private void produceLater() {
        world.scheduler.after(world.scheduler.upTo(2 * world.produceIntervalNs), () -> {
            if (!stopped) {
                if (waiting.size() < MAX_WAITING) {
                    List<String> batch = new ArrayList<>();
                    for (int i = world.random.nextInt(3); i >= 0; i--) {
                        batch.add("p" + number + "." + lives + "-" + values++);
                    }
                    waiting.add(new Batch(nextSequence, batch));
                    nextSequence += batch.size();
                    pump();
                }
                produceLater();
            }
        });
    }

    private void pump() {
        if (waiting.isEmpty() || connecting) {
            return;
        }
        if (connection == null) {
            connecting = true;
            world.scheduler.after(2 * world.network.delayNs(), this::connect);
            return;
        }
        int at = 0;
        for (Batch batch : waiting) {
            if (at++ == inFlight && inFlight < (established ? MAX_IN_FLIGHT : 1) && connection != null) {
                inFlight++;
                send(batch);
            }
        }
    }

    private void connect() {
        connecting = false;
        SimulatedBroker.Incarnation leader = lookup.leader();
        if (leader == null) {
            again();
            return;
        }
        ClientConnection[] made = new ClientConnection[1];
        made[0] = new ClientConnection(world, SimulatedNetwork.CLIENTS, leader, () -> lost(made[0]));
        connection = made[0];
        inFlight = 0;
        pump();
    }

    private void lost(ClientConnection which) {
        if (which == connection) {
            connection.close();
            connection = null;
            inFlight = 0;
            again();
        }
    }

    private void again() {
        if (!connecting) {
            connecting = true;
            world.scheduler.after(BACKOFF_NS, this::connect);
        }
    }

    private void send(Batch batch) {
        SimpleRecord[] records = batch.values().stream()
                .map(value -> new SimpleRecord(1_700_000_000_000L, value.getBytes(StandardCharsets.UTF_8)))
                .toArray(SimpleRecord[]::new);
        ProduceRequestData request = new ProduceRequestData().setAcks(acks).setTimeoutMs(ACK_TIMEOUT_MS);
        request.topicData()
                .add(new TopicProduceData()
                        .setName(SimulatedImage.TOPIC)
                        .setTopicId(SimulatedImage.TOPIC_ID)
                        .setPartitionData(List.of(new PartitionProduceData()
                                .setIndex(partition)
                                .setRecords(MemoryRecords.withIdempotentRecords(
                                        Compression.NONE, producerId, (short) 0, batch.baseSequence(), records)))));
        ClientConnection over = connection;
        Scheduler.Event timeout = world.scheduler.after(REQUEST_TIMEOUT_NS, () -> lost(over));
        over.send(ApiKeys.PRODUCE, request, answer -> {
            timeout.cancel();
            if (over == connection && waiting.peek() == batch) {
                answered(batch, answer);
            }
        });
    }

    private void answered(Batch batch, ApiMessage answer) {
        PartitionProduceResponse response = ((ProduceResponseData) answer)
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .getFirst();
        Errors error = Errors.forCode(response.errorCode());
        switch (error) {
            case NONE, DUPLICATE_SEQUENCE_NUMBER -> {
                if (acks == -1 && error == Errors.NONE) {
                    world.trace("%s acknowledged at %d of partition %d by %d"
                            .formatted(batch.values(), response.baseOffset(), partition, lookup.leaderId()));
                    world.ledger.acknowledged(partition, response.baseOffset(), batch.values());
                }
                established = true;
                waiting.remove();
                inFlight--;
                pump();
            }
            case OUT_OF_ORDER_SEQUENCE_NUMBER -> {
                if (acks == -1 && lookup.isStillLeader() && !world.ledger.isBeyondFaultModel()) {
                    throw new Violation("leader " + lookup.leaderId() + " of partition " + partition
                            + " does not know what came before " + batch);
                }
                if (acks == 1) {
                    // Something was lost, which acks=1 allows: the application begins anew.
                    producerId++;
                    lives++;
                    established = false;
                    nextSequence = 0;
                    waiting.clear();
                }
                lost(connection);
            }
            default -> lost(connection);
        }
    }
}
