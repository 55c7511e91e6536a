package io.millrace.broker.replication;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.log.LogDirectories.FoundLog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which of the logs that lay in the directories at start are of topics that were deleted, or of partitions that moved away,
 * while this broker was down.
 *
 * <p>It is judged once, by the first image in which the controller lets this very incarnation serve: it has all metadata up to this
 * start's registration then. The images before may be old, and after a crash show the incarnation that died, which was not fenced.
 */
final class StrayLogs {

    private final int brokerId;
    private List<FoundLog> found = List.of();

    StrayLogs(int brokerId) {
        this.brokerId = brokerId;
    }

    void found(List<FoundLog> logs) {
        found = List.copyOf(logs);
    }

    /** Which logs are strays, and why, as the end of a sentence about the log; none before it can be told, and none again after. */
    Map<FoundLog, String> judge(ClusterImage image, long brokerEpoch) {
        ClusterImage.Broker self = image.broker(brokerId);
        if (found.isEmpty() || self == null || self.epoch() != brokerEpoch || self.fenced()) {
            return Map.of();
        }
        Map<FoundLog, String> strays = new LinkedHashMap<>();
        for (FoundLog log : found) {
            String why = whyStray(log, image);
            if (why != null) {
                strays.put(log, why);
            }
        }
        found = List.of();
        return strays;
    }

    /** Null if the log belongs here. One that lost its topic id is taken for that of the topic with its name. */
    private @Nullable String whyStray(FoundLog log, ClusterImage image) {
        boolean nameless = log.topicId().equals(Uuid.ZERO_UUID);
        Topic topic = nameless ? image.topic(log.topicPartition().topic()) : image.topic(log.topicId());
        if (topic == null) {
            return nameless
                    ? "belongs to no topic that exists, and does not say its topic id"
                    : "was written for topic id " + log.topicId() + ", which does not exist any more";
        }
        PartitionRegistration registration =
                topic.partition(log.topicPartition().partition());
        return registration != null && registration.replicas().contains(brokerId)
                ? null
                : "is of a partition that has no replica on this broker any more";
    }
}
