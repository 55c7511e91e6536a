package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.Topic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;

/** Completes the topics of one request: those given by id with their names, those given by name with their ids. */
record TopicNames(ClusterImage image, boolean byTopicId) {

    /** A topic that does not exist keeps what the client gave. */
    FetchedPartition resolve(FetchTopic topic, FetchPartition asked) {
        if (byTopicId) {
            Topic known = image.topic(topic.topicId());
            return new FetchedPartition(known == null ? "" : known.name(), topic.topicId(), asked);
        }
        Topic known = image.topic(topic.topic());
        return new FetchedPartition(topic.topic(), known == null ? Uuid.ZERO_UUID : known.id(), asked);
    }
}
