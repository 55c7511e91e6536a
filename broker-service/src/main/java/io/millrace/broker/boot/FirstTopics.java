package io.millrace.broker.boot;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics that a container's {@code KAFKA_CREATE_TOPICS} asks for: {@code name:partitions:replicas[:cleanup.policy],…}. */
final class FirstTopics {

    private static final Logger log = LoggerFactory.getLogger(FirstTopics.class);
    private static final int TIMEOUT_MS = 30_000;

    private FirstTopics() {}

    /** Creates those that do not exist yet; what cannot be created is logged. */
    static void create(@Nullable String text, Cluster cluster) {
        if (text == null || text.isBlank()) {
            return;
        }
        CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(TIMEOUT_MS);
        for (CreatableTopic topic : parse(text)) {
            if (cluster.image().topic(topic.name()) == null) {
                request.topics().add(topic);
            }
        }
        if (request.topics().isEmpty()) {
            return;
        }
        ClientContext self = new ClientContext(
                "millrace",
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                ListenerName.normalised("CONTROLLER"),
                CreateTopicsRequestData.HIGHEST_SUPPORTED_VERSION,
                0);
        try {
            CreateTopicsResponseData response =
                    (CreateTopicsResponseData) cluster.forward(self, request).get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
            response.topics().forEach(FirstTopics::report);
        } catch (ExecutionException | TimeoutException e) {
            log.warn("The topics of KAFKA_CREATE_TOPICS={} were not created: {}", text, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void report(CreatableTopicResult result) {
        Errors error = Errors.forCode(result.errorCode());
        switch (error) {
            case NONE -> log.info("Created topic {}", result.name());
            case TOPIC_ALREADY_EXISTS -> log.debug("Topic {} exists", result.name());
            default ->
                log.warn(
                        "Topic {} of KAFKA_CREATE_TOPICS was not created: {} {}",
                        result.name(),
                        error,
                        result.errorMessage());
        }
    }

    static List<CreatableTopic> parse(String text) {
        List<CreatableTopic> topics = new ArrayList<>();
        for (String entry : text.strip().split("[,\\s]+", -1)) {
            if (entry.isEmpty()) {
                continue;
            }
            String[] parts = entry.split(":", -1);
            try {
                CreatableTopic topic = new CreatableTopic()
                        .setName(parts[0])
                        .setNumPartitions(parts.length > 1 ? Integer.parseInt(parts[1]) : -1)
                        .setReplicationFactor(parts.length > 2 ? Short.parseShort(parts[2]) : -1);
                if (parts.length > 3) {
                    topic.configs()
                            .add(new CreatableTopicConfig()
                                    .setName(TopicConfig.CLEANUP_POLICY_CONFIG)
                                    .setValue(parts[3]));
                }
                topics.add(topic);
            } catch (NumberFormatException e) {
                log.warn(
                        "KAFKA_CREATE_TOPICS: '{}' is not of the form name:partitions:replicas[:cleanup.policy]",
                        entry);
            }
        }
        return topics;
    }
}
