package io.millrace.admin.producer;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.topic.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.DescribeProducersResult;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Asks leaders for the producers of their partitions, and coordinators for transactions; who does not answer is a warning. */
@Component
class Producers {
    private static final int SHOWN = 5_000;
    private final Clusters clusters;
    private final Topics topics;

    Producers(Clusters clusters, Topics topics) {
        this.clusters = clusters;
        this.topics = topics;
    }

    /**
     * A producer in one partition.
     *
     * @param lastSequence of its last batch; absent before it has written one
     * @param lastTimestamp when it last wrote, by its records' timestamps; absent likewise
     * @param coordinatorEpoch of its last transaction; absent if it never had one here
     * @param transactionStartOffset where its open transaction begins; absent while none is open
     */
    record ProducerRow(
            int partition,
            long producerId,
            int producerEpoch,
            @Nullable Integer lastSequence,
            @Nullable Instant lastTimestamp,
            @Nullable Integer coordinatorEpoch,
            @Nullable Long transactionStartOffset) {}

    /** The first {@value #SHOWN} by partition and id, of {@code total}. */
    record TopicProducers(List<ProducerRow> items, int total, List<Warning> warnings) {}

    record TransactionRow(String transactionalId, long producerId, String state, int coordinator) {}

    /** The first {@value #SHOWN} by name, of {@code total}. */
    record Transactions(List<TransactionRow> items, int total, List<Warning> warnings) {}

    TopicProducers ofTopic(String clusterId, String topic) {
        Cluster cluster = clusters.get(clusterId);
        List<TopicPartition> partitions = topics.require(clusterId, topic).partitions().stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        DescribeProducersResult answer = cluster.admin().describeProducers(partitions);
        List<ProducerRow> rows = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            PartitionProducerState state = answered(cluster, answer.partitionResult(partition), null, warnings);
            if (state == null) continue;
            state.activeProducers().forEach(producer -> rows.add(row(partition.partition(), producer)));
        }
        rows.sort(Comparator.comparingInt(ProducerRow::partition).thenComparingLong(ProducerRow::producerId));
        return new TopicProducers(rows.stream().limit(SHOWN).toList(), rows.size(), warnings);
    }

    private static ProducerRow row(int partition, ProducerState producer) {
        return new ProducerRow(
                partition,
                producer.producerId(),
                producer.producerEpoch(),
                producer.lastSequence() < 0 ? null : producer.lastSequence(),
                producer.lastTimestamp() < 0 ? null : Instant.ofEpochMilli(producer.lastTimestamp()),
                producer.coordinatorEpoch().isPresent()
                                && producer.coordinatorEpoch().getAsInt() >= 0
                        ? producer.coordinatorEpoch().getAsInt()
                        : null,
                present(producer.currentTransactionStartOffset()));
    }

    private static @Nullable Long present(OptionalLong offset) {
        return offset.isPresent() && offset.getAsLong() >= 0 ? offset.getAsLong() : null;
    }

    Transactions transactions(String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        Map<Integer, KafkaFuture<Collection<TransactionListing>>> byBroker = cluster.await(
                cluster.admin().listTransactions(new ListTransactionsOptions()).byBrokerId());
        List<TransactionRow> rows = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        byBroker.forEach((broker, listed) -> {
            Collection<TransactionListing> transactions = answered(cluster, listed, broker, warnings);
            if (transactions == null) return;
            for (TransactionListing one : transactions) {
                rows.add(new TransactionRow(
                        one.transactionalId(), one.producerId(), one.state().toString(), broker));
            }
        });
        rows.sort(Comparator.comparing(TransactionRow::transactionalId));
        return new Transactions(rows.stream().limit(SHOWN).toList(), rows.size(), warnings);
    }

    /** Null, and a warning more, where there was no answer. */
    private static <T> @Nullable T answered(
            Cluster cluster, KafkaFuture<T> answer, @Nullable Integer broker, List<Warning> warnings) {
        try {
            return cluster.await(answer);
        } catch (ApiException failure) {
            Warning warning = new Warning(broker, failure.code(), failure.detail());
            if (!warnings.contains(warning)) warnings.add(warning);
            return null;
        }
    }
}
