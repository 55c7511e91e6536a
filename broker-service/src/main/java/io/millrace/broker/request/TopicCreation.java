package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.coordinator.group.journal.JournalTopic;
import io.millrace.broker.protocol.ClientContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfigCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates topics that are asked for and do not exist: those of users with the cluster's defaults, internal ones as their coordinators
 * need them. One request per topic is under way at a time; any thread.
 */
final class TopicCreation {

    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);
    private static final int TIMEOUT_MS = 30_000;
    private static final Set<String> INTERNAL =
            Set.of(Topic.GROUP_METADATA_TOPIC_NAME, Topic.TRANSACTION_STATE_TOPIC_NAME);

    /** Names that were sent to the controller and not answered yet; clients ask again and again meanwhile. Bounded. */
    private static final int MAX_IN_FLIGHT = 1_000;

    private final Set<String> inFlight = ConcurrentHashMap.newKeySet();
    private final RequestConfig config;
    private final Cluster cluster;

    TopicCreation(RequestConfig config, Cluster cluster) {
        this.config = config;
        this.cluster = cluster;
    }

    /** Whether clients may read the topic but not write to it. */
    static boolean isInternal(String topic) {
        return Topic.isInternal(topic) || topic.equals(JournalTopic.NAME);
    }

    /** What to say of a topic that does not exist. */
    static Errors unknown(String topic) {
        try {
            Topic.validate(topic);
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        } catch (InvalidTopicException e) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
    }

    /** Asks for the topic to be created, and says what to tell the client meanwhile. */
    Errors create(ClientContext client, String topic) {
        Errors error = unknown(topic);
        if (topic.equals(JournalTopic.NAME)) {
            // Only the journal itself knows its shape.
            return error;
        }
        if (error != Errors.UNKNOWN_TOPIC_OR_PARTITION || inFlight.size() >= MAX_IN_FLIGHT || !inFlight.add(topic)) {
            return error;
        }
        CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(TIMEOUT_MS);
        request.topics().add(described(topic));
        var _ = cluster.forward(asCreator(client), request).whenComplete((response, failure) -> {
            inFlight.remove(topic);
            logRefusal(topic, response, failure);
        });
        return error;
    }

    private CreatableTopic described(String topic) {
        if (topic.equals(Topic.GROUP_METADATA_TOPIC_NAME)) {
            return internal(
                    topic,
                    config.offsetsTopic(),
                    Map.of(
                            TopicConfig.CLEANUP_POLICY_CONFIG,
                            TopicConfig.CLEANUP_POLICY_COMPACT,
                            TopicConfig.COMPRESSION_TYPE_CONFIG,
                            "producer",
                            TopicConfig.SEGMENT_BYTES_CONFIG,
                            Integer.toString(config.offsetsTopic().segmentBytes())));
        }
        if (topic.equals(Topic.TRANSACTION_STATE_TOPIC_NAME)) {
            return internal(
                    topic,
                    config.transactionsTopic(),
                    Map.of(
                            TopicConfig.CLEANUP_POLICY_CONFIG,
                            TopicConfig.CLEANUP_POLICY_COMPACT,
                            TopicConfig.COMPRESSION_TYPE_CONFIG,
                            "uncompressed",
                            TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                            "false",
                            TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                            Integer.toString(config.transactionsTopic().minInsyncReplicas()),
                            TopicConfig.SEGMENT_BYTES_CONFIG,
                            Integer.toString(config.transactionsTopic().segmentBytes())));
        }
        // -1 for both: the controller's defaults, num.partitions and default.replication.factor.
        return new CreatableTopic().setName(topic).setNumPartitions(-1).setReplicationFactor((short) -1);
    }

    private static CreatableTopic internal(
            String topic, RequestConfig.InternalTopic shape, Map<String, String> settings) {
        CreatableTopicConfigCollection configs = new CreatableTopicConfigCollection();
        settings.forEach((name, value) ->
                configs.add(new CreatableTopicConfig().setName(name).setValue(value)));
        return new CreatableTopic()
                .setName(topic)
                .setNumPartitions(shape.partitions())
                .setReplicationFactor(shape.replicationFactor())
                .setConfigs(configs);
    }

    /** The same client, speaking CreateTopics. */
    private static ClientContext asCreator(ClientContext client) {
        return new ClientContext(
                client.clientId(),
                client.principal(),
                client.address(),
                client.listener(),
                ApiKeys.CREATE_TOPICS.latestVersion(),
                client.correlationId());
    }

    private static void logRefusal(String topic, @Nullable ApiMessage response, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.warn(
                    "topic {} could not be created on demand: {}",
                    topic,
                    FailedRequest.cause(failure).toString());
        } else if (response instanceof CreateTopicsResponseData created) {
            String refused = created.topics().stream()
                    .filter(result -> result.errorCode() != Errors.NONE.code()
                            && result.errorCode() != Errors.TOPIC_ALREADY_EXISTS.code())
                    .map(TopicCreation::describe)
                    .collect(Collectors.joining(", "));
            if (!refused.isEmpty() && INTERNAL.contains(topic)) {
                LOG.error("internal topic {} could not be created: {}", topic, refused);
            } else if (!refused.isEmpty()) {
                LOG.warn("topic {} could not be created on demand: {}", topic, refused);
            }
        }
    }

    private static String describe(CreatableTopicResult result) {
        return Errors.forCode(result.errorCode()) + (result.errorMessage() == null ? "" : ": " + result.errorMessage());
    }
}
