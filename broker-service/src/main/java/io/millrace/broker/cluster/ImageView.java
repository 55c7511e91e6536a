package io.millrace.broker.cluster;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.TopicImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.immutable.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's metadata image as other packages see it. Immutable: each change makes a new view that shares what stayed, so that a
 * lookup allocates nothing and a change costs what it changes.
 */
final class ImageView implements ClusterImage {

    private final MetadataImage image;
    private final String clusterId;
    private final ImmutableMap<Uuid, TopicView> topicsById;
    private final ImmutableMap<String, TopicView> topicsByName;
    private final SortedMap<Integer, Broker> brokers;
    private final SortedMap<String, Short> features;

    private ImageView(
            MetadataImage image,
            String clusterId,
            ImmutableMap<Uuid, TopicView> topicsById,
            ImmutableMap<String, TopicView> topicsByName,
            SortedMap<Integer, Broker> brokers,
            SortedMap<String, Short> features) {
        this.image = image;
        this.clusterId = clusterId;
        this.topicsById = topicsById;
        this.topicsByName = topicsByName;
        this.brokers = brokers;
        this.features = features;
    }

    /** The view before the first record of the metadata log. */
    static ImageView empty(String clusterId) {
        return new ImageView(
                MetadataImage.EMPTY,
                clusterId,
                ImmutableMap.empty(),
                ImmutableMap.empty(),
                Collections.emptySortedMap(),
                Collections.emptySortedMap());
    }

    /** The view after {@code delta}, which led from this view's image to {@code next}. */
    ImageView after(MetadataDelta delta, MetadataImage next) {
        ImmutableMap<Uuid, TopicView> byId = topicsById;
        ImmutableMap<String, TopicView> byName = topicsByName;
        if (delta.topicsDelta() != null) {
            for (Uuid deleted : delta.topicsDelta().deletedTopicIds()) {
                TopicView gone = byId.get(deleted);
                if (gone != null) {
                    byId = byId.removed(deleted);
                    byName = byName.removed(gone.name());
                }
            }
            for (Uuid changed : delta.topicsDelta().changedTopics().keySet()) {
                TopicImage topic = next.topics().getTopic(changed);
                if (topic != null) {
                    TopicView view = TopicView.after(byId.get(changed), topic);
                    byId = byId.updated(changed, view);
                    byName = byName.updated(topic.name(), view);
                }
            }
        }
        return new ImageView(
                next,
                clusterId,
                byId,
                byName,
                delta.clusterDelta() == null ? brokers : brokersOf(next),
                delta.featuresDelta() == null ? features : featuresOf(next));
    }

    private static SortedMap<Integer, Broker> brokersOf(MetadataImage image) {
        SortedMap<Integer, Broker> brokers = new TreeMap<>();
        for (BrokerRegistration registration : image.cluster().brokers().values()) {
            brokers.put(registration.id(), new BrokerView(registration));
        }
        return Collections.unmodifiableSortedMap(brokers);
    }

    private static SortedMap<String, Short> featuresOf(MetadataImage image) {
        SortedMap<String, Short> features = new TreeMap<>(image.features().finalizedVersions());
        image.features()
                .metadataVersion()
                .ifPresent(version -> features.put(MetadataVersion.FEATURE_NAME, version.featureLevel()));
        return Collections.unmodifiableSortedMap(features);
    }

    /** Kafka's own image, for this package. */
    MetadataImage kafka() {
        return image;
    }

    @Override
    public long offset() {
        return image.provenance().lastContainedOffset();
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public @Nullable Topic topic(String name) {
        return topicsByName.get(name);
    }

    @Override
    public @Nullable Topic topic(Uuid id) {
        return topicsById.get(id);
    }

    @Override
    public Collection<Topic> topics() {
        return Collections.unmodifiableCollection(topicsById.values());
    }

    @Override
    public @Nullable Broker broker(int id) {
        return brokers.get(id);
    }

    @Override
    public Collection<Broker> brokers() {
        return brokers.values();
    }

    @Override
    public Map<String, String> configOverrides(ConfigResource resource) {
        return image.configs().configMapForResource(resource);
    }

    @Override
    public Collection<ConfigResource> configuredResources() {
        return Collections.unmodifiableCollection(image.configs().resourceData().keySet());
    }

    @Override
    public SortedMap<String, Short> finalizedFeatures() {
        return features;
    }

    @Override
    public DescribeClientQuotasResponseData describeClientQuotas(DescribeClientQuotasRequestData request) {
        return image.clientQuotas().describe(request);
    }

    @Override
    public DescribeUserScramCredentialsResponseData describeScramCredentials(
            DescribeUserScramCredentialsRequestData request) {
        return image.scram().describe(request);
    }
}
