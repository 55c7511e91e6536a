package io.millrace.broker.request;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.requests.FetchMetadata;

/**
 * A fetch session: the partitions that a client reads again and again, so that requests and responses carry only what changed
 * (KIP-227). Lives on one event loop; there is one request at a time in it, any other is refused.
 */
final class FetchSession {

    /** Names a partition within a session: by topic id from Fetch version 13 on, by name before. */
    private record Key(Object topic, int partition) {}

    private final int id;
    private final boolean byTopicId;
    private final boolean privileged;
    private final LinkedHashMap<Key, FetchedPartition> partitions = new LinkedHashMap<>();
    private int nextEpoch = FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH);
    private long lastUsedNs;
    private long createdNs;
    private boolean inUse;

    /** @param privileged a follower's, which evicts those of consumers */
    FetchSession(int id, boolean byTopicId, boolean privileged, long nowNs) {
        this.id = id;
        this.byTopicId = byTopicId;
        this.privileged = privileged;
        this.lastUsedNs = nowNs;
        this.createdNs = nowNs;
    }

    int id() {
        return id;
    }

    boolean byTopicId() {
        return byTopicId;
    }

    boolean privileged() {
        return privileged;
    }

    int size() {
        return partitions.size();
    }

    int nextEpoch() {
        return nextEpoch;
    }

    long lastUsedNs() {
        return lastUsedNs;
    }

    long createdNs() {
        return createdNs;
    }

    boolean inUse() {
        return inUse;
    }

    void begin(long nowNs) {
        inUse = true;
        lastUsedNs = nowNs;
    }

    void end() {
        inUse = false;
    }

    void advanceEpoch() {
        nextEpoch = FetchMetadata.nextEpoch(nextEpoch);
    }

    /** Takes over what an incremental request adds, changes and forgets. */
    void update(FetchRequestData request, TopicNames names) {
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition asked : topic.partitions()) {
                Key key = key(topic.topic(), topic.topicId(), asked.partition());
                FetchedPartition known = partitions.get(key);
                if (known == null) {
                    partitions.put(key, names.resolve(topic, asked));
                } else {
                    known.ask(asked);
                }
            }
        }
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                partitions.remove(key(topic.topic(), topic.topicId(), partition));
            }
        }
    }

    private Key key(String name, Uuid topicId, int partition) {
        return new Key(byTopicId ? topicId : name, partition);
    }

    /** In the order in which they get their share of the response. */
    List<FetchedPartition> inOrder() {
        return new ArrayList<>(partitions.values());
    }

    /** Puts partitions that just had records behind all others, so that each comes first in turn. */
    void moveToEnd(FetchedPartition served) {
        Key key = key(served.topic, served.topicId, served.number);
        FetchedPartition moved = partitions.remove(key);
        if (moved != null) {
            partitions.put(key, moved);
        }
    }
}
