package io.millrace.broker.cluster;

import io.millrace.broker.cluster.ImageListener.ImageChange;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;

/**
 * Keeps the newest view of the metadata image and works out what changed. Written on the metadata loader's thread alone, read by any.
 */
final class ImagePublisher implements MetadataPublisher {

    private volatile ImageView view;
    private volatile ImageChange change;

    ImagePublisher(String clusterId) {
        this.view = ImageView.empty(clusterId);
        this.change = new ImageChange(view, view, Set.of(), Set.of(), Set.of(), false);
    }

    ImageView view() {
        return view;
    }

    @Override
    public String name() {
        return "ImagePublisher";
    }

    @Override
    public void onMetadataUpdate(MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {
        ImageView before = view;
        ImageView after = before.after(delta, image);
        Set<Uuid> changedTopics = new HashSet<>();
        Set<Uuid> deletedTopics = new HashSet<>();
        if (delta.topicsDelta() != null) {
            delta.topicsDelta().deletedTopicIds().stream()
                    .filter(id -> before.topic(id) != null)
                    .forEach(deletedTopics::add);
            delta.topicsDelta().changedTopics().keySet().stream()
                    .filter(id -> after.topic(id) != null)
                    .forEach(changedTopics::add);
        }
        Set<ConfigResource> changedConfigs = delta.configsDelta() == null
                ? Set.of()
                : Set.copyOf(delta.configsDelta().changes().keySet());
        change = new ImageChange(
                before,
                after,
                Set.copyOf(changedTopics),
                Set.copyOf(deletedTopics),
                changedConfigs,
                delta.clusterDelta() != null);
        view = after;
    }

    /** A publisher that tells {@code listener}; it must be installed after this one. */
    MetadataPublisher publisherOf(ImageListener listener, int number) {
        return new ListenerPublisher(listener, "ImageListener-" + number);
    }

    /** What changed from an empty image to the newest. */
    private ImageChange everything() {
        ImageView after = view;
        Set<Uuid> topics = new HashSet<>();
        after.topics().forEach(topic -> topics.add(topic.id()));
        return new ImageChange(
                ImageView.empty(after.clusterId()),
                after,
                topics,
                Set.of(),
                Set.copyOf(after.configuredResources()),
                !after.brokers().isEmpty());
    }

    private final class ListenerPublisher implements MetadataPublisher {
        private final ImageListener listener;
        private final String name;
        private boolean told;

        private ListenerPublisher(ImageListener listener, String name) {
            this.listener = listener;
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void onMetadataUpdate(MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {
            listener.imageChanged(told ? change : everything());
            told = true;
        }
    }
}
