package io.millrace.broker.replication;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterPartitionRequestData;
import org.apache.kafka.common.message.AlterPartitionRequestData.BrokerState;
import org.apache.kafka.common.message.AlterPartitionRequestData.TopicData;
import org.apache.kafka.common.message.AlterPartitionResponseData;
import org.apache.kafka.common.message.AlterPartitionResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Takes the changes of ISRs that this broker's leaders want to the active controller: one AlterPartition at a time, which carries all
 * that came while the one before was under way. Any thread. Bound of its queue: one row per led partition.
 */
public final class AlterPartitions implements IsrController {

    private record Row(Proposal proposal, Consumer<Answer> answered) {}

    private final int brokerId;
    private final Cluster cluster;
    private final Queue<Row> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean inFlight = new AtomicBoolean();

    public AlterPartitions(int brokerId, Cluster cluster) {
        this.brokerId = brokerId;
        this.cluster = cluster;
    }

    @Override
    public boolean mayJoin(Member member) {
        ClusterImage.Broker broker = cluster.image().broker(member.brokerId());
        return broker != null
                && !broker.fenced()
                && !broker.inControlledShutdown()
                && (member.brokerEpoch() == -1 || member.brokerEpoch() == broker.epoch());
    }

    @Override
    public void propose(Proposal proposal, Consumer<Answer> answered) {
        waiting.add(new Row(proposal, answered));
        sendNext();
    }

    private void sendNext() {
        while (!waiting.isEmpty() && inFlight.compareAndSet(false, true)) {
            List<Row> rows = new ArrayList<>();
            for (Row row = waiting.poll(); row != null; row = waiting.poll()) {
                rows.add(row);
            }
            if (rows.isEmpty()) {
                inFlight.set(false);
                continue;
            }
            CompletableFuture<?> _ = cluster.ask(request(rows), ApiKeys.ALTER_PARTITION.latestVersion())
                    .whenComplete((response, failure) -> {
                        inFlight.set(false);
                        answer(rows, response, failure);
                        sendNext();
                    });
        }
    }

    private AlterPartitionRequestData request(List<Row> rows) {
        Map<Uuid, TopicData> topics = new LinkedHashMap<>();
        for (Row row : rows) {
            Proposal proposal = row.proposal();
            topics.computeIfAbsent(proposal.partition().topicId(), id -> new TopicData().setTopicId(id))
                    .partitions()
                    .add(new AlterPartitionRequestData.PartitionData()
                            .setPartitionIndex(proposal.partition().partition())
                            .setLeaderEpoch(proposal.leaderEpoch())
                            .setPartitionEpoch(proposal.partitionEpoch())
                            .setNewIsrWithEpochs(
                                    proposal.isr().stream().map(this::state).toList()));
        }
        return new AlterPartitionRequestData()
                .setBrokerId(brokerId)
                .setBrokerEpoch(cluster.brokerEpoch())
                .setTopics(new ArrayList<>(topics.values()));
    }

    private BrokerState state(Member member) {
        long epoch = member.brokerId() == brokerId ? cluster.brokerEpoch() : member.brokerEpoch();
        return new BrokerState().setBrokerId(member.brokerId()).setBrokerEpoch(epoch);
    }

    private static void answer(List<Row> rows, @Nullable ApiMessage response, @Nullable Throwable failure) {
        Errors whole = response instanceof AlterPartitionResponseData data
                ? Errors.forCode(data.errorCode())
                : Errors.forException(failure);
        Map<TopicPartitionId, Answer> answers = new HashMap<>();
        if (response instanceof AlterPartitionResponseData data) {
            data.topics()
                    .forEach(topic -> topic.partitions()
                            .forEach(partition -> answers.put(
                                    new TopicPartitionId(topic.topicId(), partition.partitionIndex()),
                                    answerOf(partition))));
        }
        for (Row row : rows) {
            TopicIdPartition id = row.proposal().partition();
            Answer none = Answer.refused(whole == Errors.NONE ? Errors.UNKNOWN_SERVER_ERROR : whole);
            row.answered().accept(answers.getOrDefault(new TopicPartitionId(id.topicId(), id.partition()), none));
        }
    }

    /** Responses do not name their topics. */
    private record TopicPartitionId(Uuid topicId, int partition) {}

    private static Answer answerOf(PartitionData data) {
        return new Answer(
                Errors.forCode(data.errorCode()), List.copyOf(data.isr()), data.leaderEpoch(), data.partitionEpoch());
    }
}
