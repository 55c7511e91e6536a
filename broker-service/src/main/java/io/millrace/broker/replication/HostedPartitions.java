package io.millrace.broker.replication;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.cluster.ImageListener;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.log.LogDirectories.LogDirectory;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.EventLoops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of this broker, kept as the cluster's metadata wants them.
 *
 * <p>The set of partitions is changed by the metadata loader's thread alone, which sends to every loop what became of its partitions.
 * All partitions of one name live on one loop, so that a topic that is deleted and created again finds its directory free.
 */
public final class HostedPartitions implements Partitions, ImageListener {

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartitions.class);

    private final ReplicationConfig config;
    private final EventLoops loops;
    private final List<LoopBacklog> backlogs;
    private final LogDirectories directories;
    private final Clock clock;
    private final FollowerFetches fetches;
    private final IsrController controller;
    private final Map<String, @Nullable Partition[]> byName = new ConcurrentHashMap<>();
    private final Map<Uuid, @Nullable Partition[]> byId = new ConcurrentHashMap<>();
    private final StrayLogs strays;
    private LongSupplier brokerEpoch = () -> -1;
    private final ReplicationThrottles throttles;
    private @Nullable DirectoryAssignments assignments;
    private final List<RoleListener> roleListeners = new CopyOnWriteArrayList<>();

    public HostedPartitions(
            ReplicationConfig config,
            EventLoops loops,
            LogDirectories directories,
            Clock clock,
            FollowerFetches fetches,
            IsrController controller) {
        this.config = config;
        this.loops = loops;
        this.backlogs =
                loops.loops().stream().map(loop -> new LoopBacklog(loop, clock)).toList();
        this.directories = directories;
        this.clock = clock;
        this.fetches = fetches;
        this.throttles = new ReplicationThrottles(config.brokerId(), clock);
        this.strays = new StrayLogs(config.brokerId());
        this.controller = controller;
    }

    /** Whom to tell where replicas lie; to be called before {@link #recover}. */
    public void assignWith(DirectoryAssignments directoryAssignments) {
        assignments = directoryAssignments;
    }

    /** What tells the epoch of this broker's registration, -1 without one; to be called before {@link #recover}. */
    public void registeredWith(LongSupplier epoch) {
        brokerEpoch = epoch;
    }

    /** Recovers the logs that lie in the directories; blocks, once, before the first image. */
    public void recover() {
        strays.found(directories.recover((topicPartition, topicId) -> ownerOf(topicPartition)));
        directories.onOffline(this::directoryFailed);
        directories.onMoved(this::logMoved);
        loops.loops().forEach(this::shrinkLater);
    }

    /** So often that a follower leaves the ISR at most one and a half times {@code replica.lag.time.max.ms} after it fell behind. */
    private void shrinkLater(EventLoop loop) {
        EventLoop.Timer _ = loop.schedule(
                () -> {
                    for (Partition partition : all()) {
                        if (partition.livesOn(loop)) {
                            partition.shrinkIsr();
                        }
                    }
                    if (assignments != null) {
                        assignments.send();
                    }
                    shrinkLater(loop);
                },
                Math.max(1, config.replicaLagTimeMaxMs() / 2));
    }

    @Override
    public @Nullable Partition find(String topic, int partition) {
        return element(byName.get(topic), partition);
    }

    @Override
    public @Nullable Partition find(Uuid topicId, int partition) {
        return element(byId.get(topicId), partition);
    }

    private static @Nullable Partition element(@Nullable Partition @Nullable [] partitions, int partition) {
        return partitions == null || partition < 0 || partition >= partitions.length ? null : partitions[partition];
    }

    @Override
    public Iterable<Partition> all() {
        List<Partition> all = new ArrayList<>();
        for (@Nullable Partition[] topic : byId.values()) {
            for (Partition partition : topic) {
                if (partition != null) {
                    all.add(partition);
                }
            }
        }
        return all;
    }

    @Override
    public void onRoleChange(RoleListener listener) {
        roleListeners.add(listener);
    }

    @Override
    public void imageChanged(ImageChange change) {
        LoopMessages messages = new LoopMessages(loops, backlogs);
        for (Uuid deleted : change.deletedTopics()) {
            Topic topic = change.before().topic(deleted);
            if (topic != null) {
                dropAll(topic, messages);
            }
        }
        for (Uuid changed : change.changedTopics()) {
            Topic topic = change.after().topic(changed);
            if (topic != null) {
                applyTopic(topic, change.after(), messages);
            }
        }
        reconfigure(change, messages);
        strays.judge(change.after(), brokerEpoch.getAsLong())
                .forEach((log, why) ->
                        messages.add(ownerOf(log.topicPartition()), () -> directories.setAside(log.log(), why)));
        messages.send();
    }

    private void applyTopic(Topic topic, ClusterImage image, LoopMessages messages) {
        @Nullable Partition[] before = byId.getOrDefault(topic.id(), new Partition[0]);
        @Nullable Partition[] after = new Partition[topic.partitionCount()];
        boolean any = false;
        for (int number = 0; number < after.length; number++) {
            PartitionRegistration registration = topic.partition(number);
            Partition hosted = element(before, number);
            if (registration != null && registration.replicas().contains(config.brokerId())) {
                Partition partition = hosted == null ? create(topic, number, registration, image, messages) : hosted;
                messages.add(
                        partition.loop(),
                        () -> partition.whenOpen(() -> {
                            partition.apply(registration);
                            tellDirectory(partition, registration);
                        }));
                after[number] = partition;
                any = true;
            } else if (hosted != null) {
                messages.add(hosted.loop(), () -> hosted.whenOpen(() -> drop(hosted)));
            }
        }
        if (any) {
            byId.put(topic.id(), after);
            byName.put(topic.name(), after);
        } else {
            forget(topic);
        }
    }

    /** On the partition's loop. */
    private void tellDirectory(Partition partition, PartitionRegistration registration) {
        DirectoryAssignments telling = assignments;
        int position = registration.replicas().indexOf(config.brokerId());
        if (telling == null
                || !partition.isOpen()
                || position >= registration.directories().size()) {
            return;
        }
        Uuid directory = directories.directoryIdOf(partition.log());
        if (directory.equals(registration.directories().get(position))) {
            telling.settled(partition.id());
        } else {
            telling.assign(partition.id(), directory);
        }
    }

    private Partition create(
            Topic topic, int number, PartitionRegistration registration, ClusterImage image, LoopMessages messages) {
        TopicIdPartition id = new TopicIdPartition(topic.id(), number, topic.name());
        EventLoop owner = ownerOf(id.topicPartition());
        Partition partition = new Partition(id, owner, clock, config, this::roleChanged, fetches, controller);
        Map<String, String> overrides = image.configOverrides(topicResource(topic.name()));
        int minInsync = minInsyncReplicas(overrides, image);
        partition.throttle(throttles.of(number, overrides));
        Uuid directory = assignedDirectory(registration);
        messages.add(owner, () -> open(partition, overrides, minInsync, directory));
        return partition;
    }

    /** On the partition's loop. */
    private void open(Partition partition, Map<String, String> overrides, int minInsync, @Nullable Uuid directory) {
        TopicPartition name = partition.id().topicPartition();
        directories.open(name, partition.id().topicId(), partition.loop(), overrides, directory, (log, problem) -> {
            if (log != null) {
                partition.open(log, minInsync);
            } else {
                LOG.error("{} cannot be served: its log could not be opened", partition.id(), problem);
                partition.fail(Errors.KAFKA_STORAGE_ERROR);
            }
        });
    }

    private void reconfigure(ImageChange change, LoopMessages messages) {
        boolean brokersDefaults =
                change.changedConfigs().stream().anyMatch(resource -> resource.type() == ConfigResource.Type.BROKER);
        if (brokersDefaults) {
            Map<String, String> settings = brokerSettings(change.after());
            directories.configureBroker(settings);
            throttles.configure(settings);
            for (Partition partition : all()) {
                reconfigure(partition, change.after(), messages);
            }
            return;
        }
        for (ConfigResource resource : change.changedConfigs()) {
            if (resource.type() == ConfigResource.Type.TOPIC) {
                for (Partition partition : byName.getOrDefault(resource.name(), new Partition[0])) {
                    if (partition != null) {
                        reconfigure(partition, change.after(), messages);
                    }
                }
            }
        }
    }

    /** The node's settings as written, overridden by what was set for all brokers and then for this one. */
    private Map<String, String> brokerSettings(ClusterImage image) {
        Map<String, String> settings = new HashMap<>(config.given());
        settings.putAll(image.configOverrides(new ConfigResource(ConfigResource.Type.BROKER, "")));
        settings.putAll(image.configOverrides(
                new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(config.brokerId()))));
        return settings;
    }

    private void reconfigure(Partition partition, ClusterImage image, LoopMessages messages) {
        Map<String, String> overrides =
                image.configOverrides(topicResource(partition.id().topic()));
        int minInsync = minInsyncReplicas(overrides, image);
        partition.throttle(throttles.of(partition.id().partition(), overrides));
        messages.add(
                partition.loop(),
                () -> partition.whenOpen(() -> {
                    if (partition.isOpen()) {
                        directories.configure(partition.log(), overrides);
                        partition.reconfigure(minInsync);
                    }
                }));
    }

    private void dropAll(Topic topic, LoopMessages messages) {
        @Nullable Partition[] hosted = byId.getOrDefault(topic.id(), new Partition[0]);
        for (Partition partition : hosted) {
            if (partition != null) {
                messages.add(partition.loop(), () -> partition.whenOpen(() -> drop(partition)));
            }
        }
        forget(topic);
    }

    private void forget(Topic topic) {
        @Nullable Partition[] removed = byId.remove(topic.id());
        if (removed != null) {
            // A topic of the same name may already have taken its place.
            byName.remove(topic.name(), removed);
        }
    }

    /** On the partition's loop. */
    private void drop(Partition partition) {
        partition.close();
        if (assignments != null) {
            assignments.settled(partition.id());
        }
        if (partition.isOpen()) {
            directories.delete(partition.log());
        }
    }

    private void directoryFailed(LogDirectory directory) {
        for (Partition partition : all()) {
            partition.loop().execute(() -> {
                if (partition.isOpen()
                        && directories.directoryIdOf(partition.log()).equals(directory.id())) {
                    partition.fail(Errors.KAFKA_STORAGE_ERROR);
                }
            });
        }
    }

    /** On the partition's loop. */
    private void logMoved(PartitionLog before, PartitionLog after) {
        Partition partition =
                find(before.topicPartition().topic(), before.topicPartition().partition());
        if (partition != null && partition.isOpen() && partition.log().equals(before)) {
            partition.replaceLog(after);
        }
    }

    private void roleChanged(Partition partition, Partition.Role role) {
        for (RoleListener listener : roleListeners) {
            listener.roleChanged(partition, role);
        }
    }

    private EventLoop ownerOf(TopicPartition topicPartition) {
        return loops.ownerOf(topicPartition.topic(), topicPartition.partition());
    }

    private @Nullable Uuid assignedDirectory(PartitionRegistration registration) {
        int position = registration.replicas().indexOf(config.brokerId());
        if (position < 0 || position >= registration.directories().size()) {
            return null;
        }
        Uuid directory = registration.directories().get(position);
        return Uuid.RESERVED.contains(directory) ? null : directory;
    }

    /** The topic's own, or the cluster's dynamic default, or the node's. */
    private int minInsyncReplicas(Map<String, String> topicOverrides, ClusterImage image) {
        String key = TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
        String value = topicOverrides.get(key);
        if (value == null) {
            value = image.configOverrides(
                            new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(config.brokerId())))
                    .get(key);
        }
        if (value == null) {
            value = image.configOverrides(new ConfigResource(ConfigResource.Type.BROKER, ""))
                    .get(key);
        }
        return value == null ? config.minInsyncReplicas() : Integer.parseInt(value.strip());
    }

    private static ConfigResource topicResource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }
}
