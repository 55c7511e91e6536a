package io.millrace.broker.coordinator.group.journal;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic {@code __group_journal}: has it created when the first event comes, and writes events to it by Kafka's own producer over the
 * brokers' listener, so that it does not matter which broker leads the group's partition of it. The key is the group's id, the partition
 * the one that every Kafka client would choose for that key. On the journal's thread.
 */
public final class JournalTopic implements GroupJournal.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(JournalTopic.class);

    public static final String NAME = "__group_journal";
    /** Kafka lets clients of this name write to internal topics. */
    public static final String CLIENT_ID = "__admin_client";

    private static final int CREATE_TIMEOUT_MS = 10_000;
    private static final long CREATE_RETRY_MS = 1_000;
    /** Small, so that old events go soon after their time: the active segment is never deleted. */
    private static final int SEGMENT_BYTES = 8 * 1024 * 1024;

    /** While thousands of members come and go, one request in this time is enough; who looks at the story does not see it. */
    private static final int LINGER_MS = 100;

    private static final int BUFFER_BYTES = 8 * 1024 * 1024;
    private static final int REQUEST_TIMEOUT_MS = 5_000;
    private static final int DELIVERY_TIMEOUT_MS = 30_000;

    private final JournalConfig config;
    private final Cluster cluster;
    private final GroupEventJson json = new GroupEventJson();
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    public JournalTopic(JournalConfig config, Cluster cluster) {
        this.config = config;
        this.cluster = cluster;
    }

    @Override
    public void write(GroupEvent event, GroupJournal.Outcome outcome) throws InterruptedException {
        while (cluster.image().topic(NAME) == null) {
            create();
        }
        GroupEvent.Header header = event.header();
        var record = new ProducerRecord<>(
                NAME, null, header.atMs(), header.groupId().getBytes(StandardCharsets.UTF_8), json.write(event));
        var _ = producer().send(record, (metadata, failure) -> {
            if (failure == null) {
                outcome.written();
            } else {
                outcome.lost(failure.toString());
            }
        });
    }

    /** Asks the controller for the topic; returns after a while, whatever came of it. */
    private void create() throws InterruptedException {
        var request = new CreateTopicsRequestData().setTimeoutMs(CREATE_TIMEOUT_MS);
        request.topics().add(described());
        try {
            var response = (CreateTopicsResponseData)
                    cluster.forward(self(), request).get(CREATE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            response.topics().forEach(JournalTopic::report);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("{} is not created yet", NAME, e);
        }
        if (cluster.image().topic(NAME) == null) {
            TimeUnit.MILLISECONDS.sleep(CREATE_RETRY_MS);
        }
    }

    private CreatableTopic described() {
        var topic = new CreatableTopic()
                .setName(NAME)
                .setNumPartitions(config.partitions())
                .setReplicationFactor(config.replicationFactor());
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(config.retentionMs()));
        settings.put(TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(config.retentionBytes()));
        settings.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(SEGMENT_BYTES));
        settings.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "producer");
        // The story goes on with one replica left; what it tells of is kept more carefully than itself.
        settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "1");
        settings.forEach((name, value) ->
                topic.configs().add(new CreatableTopicConfig().setName(name).setValue(value)));
        return topic;
    }

    private static ClientContext self() {
        return new ClientContext(
                CLIENT_ID,
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                ListenerName.normalised("CONTROLLER"),
                CreateTopicsRequestData.HIGHEST_SUPPORTED_VERSION,
                0);
    }

    private static void report(CreatableTopicResult result) {
        Errors error = Errors.forCode(result.errorCode());
        if (error != Errors.NONE && error != Errors.TOPIC_ALREADY_EXISTS) {
            // Mostly a young cluster with fewer brokers than replicas are wanted: it is tried again.
            LOG.info("{} cannot be created yet: {} {}", NAME, error, result.errorMessage());
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        KafkaProducer<byte[], byte[]> open = producer;
        if (open == null) {
            open = new KafkaProducer<>(settings(), new ByteArraySerializer(), new ByteArraySerializer());
            producer = open;
        }
        return open;
    }

    private Map<String, Object> settings() {
        List<String> brokers = cluster.image().brokers().stream()
                .filter(broker -> !broker.fenced())
                .map(broker -> broker.node(config.listener()))
                .filter(Objects::nonNull)
                .map(JournalTopic::address)
                .toList();
        return Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                brokers,
                ProducerConfig.LINGER_MS_CONFIG,
                LINGER_MS,
                ProducerConfig.CLIENT_ID_CONFIG,
                CLIENT_ID,
                "security.protocol",
                config.protocol().name,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4",
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                BUFFER_BYTES,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                REQUEST_TIMEOUT_MS,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                REQUEST_TIMEOUT_MS,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                DELIVERY_TIMEOUT_MS,
                ProducerConfig.ENABLE_METRICS_PUSH_CONFIG,
                false);
    }

    private static String address(Node node) {
        return node.host() + ":" + node.port();
    }

    @Override
    public void close() {
        if (producer != null) {
            // The rooms that would take its last words are closed already.
            producer.close(Duration.ZERO);
        }
    }
}
