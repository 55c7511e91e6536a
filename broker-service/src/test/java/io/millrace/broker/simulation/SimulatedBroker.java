package io.millrace.broker.simulation;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ImageListener;
import io.millrace.broker.cluster.ImageListener.ImageChange;
import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.log.SimulatedDisk;
import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.replication.AlterPartitions;
import io.millrace.broker.replication.HostedPartitions;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.ReplicaFetchers;
import io.millrace.broker.replication.ReplicationConfig;
import io.millrace.broker.replication.SteppedFetchers;
import io.millrace.broker.request.Authorization;
import io.millrace.broker.request.BrokerServices;
import io.millrace.broker.request.NoGroups;
import io.millrace.broker.request.NodeSettings;
import io.millrace.broker.request.RequestConfig;
import io.millrace.broker.request.RequestDispatcher;
import io.millrace.broker.request.ServedRequests;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.RandomSource;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.message.AlterPartitionRequestData;
import org.apache.kafka.common.protocol.ApiMessage;

/** A machine with a disk, on which a broker runs in one process after the other. */
final class SimulatedBroker {

    private static final long HEARTBEAT_NS = 50 * Scheduler.MS;
    private static final long CONTROLLER_TIMEOUT_NS = 60 * Scheduler.MS;
    private static final int FETCH_WAIT_MS = 40;
    private static final RequestConfig.InternalTopic INTERNAL_TOPIC =
            new RequestConfig.InternalTopic(5, (short) 1, 1 << 20, 1);

    private final World world;
    private final int id;
    private final SimulatedDisk disk;
    private Incarnation running;
    private int incarnations;
    /** How late the metadata comes to this broker. */
    long metadataDelayNs = 5 * Scheduler.MS;

    SimulatedBroker(World world, int id) {
        this.world = world;
        this.id = id;
        this.disk = new SimulatedDisk(world.random);
    }

    int id() {
        return id;
    }

    /** Null while no process runs. */
    Incarnation running() {
        return running;
    }

    void start() {
        if (running == null) {
            running = new Incarnation();
            running.begin();
        }
    }

    /** The process ends; the machine and its page cache go on. */
    void kill() {
        if (running != null) {
            running.process.kill();
            running = null;
        }
    }

    /** The machine ends; of what was not synced some is lost. */
    void losePower() {
        kill();
        disk.losePower();
    }

    /** One life of the broker: from production's parts all that replicate, put together as {@code boot} does. */
    final class Incarnation implements Cluster {
        private final SimulatedProcess process = new SimulatedProcess(world.scheduler);
        private final String incarnation = id + "-" + incarnations++;
        private final LocalLogDirectories directories;
        private final ReplicaFetchers fetchers;
        private final HostedPartitions partitions;
        private final RequestDispatcher dispatcher;
        private SimulatedImage image = SimulatedImage.empty();
        private long brokerEpoch = -1;
        private boolean open;
        private boolean leaving;

        private Incarnation() {
            RandomSource random = world.random::nextLong;
            Map<String, String> settings = world.brokerSettings();
            EventLoops loops = process.loops();
            directories = new LocalLogDirectories(
                    settings, disk, process, random, process, loops.loops().getFirst(), 64, 1 << 20);
            fetchers = SteppedFetchers.of(
                    id, FETCH_WAIT_MS, 50, this, process, leader -> new FetcherWire(world, this, leader));
            partitions = new HostedPartitions(
                    new ReplicationConfig(id, 1, World.REPLICA_LAG_MS, settings),
                    loops,
                    directories,
                    process,
                    fetchers,
                    new AlterPartitions(id, this));
            partitions.registeredWith(this::brokerEpoch);
            dispatcher = new RequestDispatcher(
                    ServedRequests.of(new BrokerServices(
                            new RequestConfig(id, true, 2_000, 1 << 20, 8, INTERNAL_TOPIC, INTERNAL_TOPIC, null),
                            new NodeSettings(new ConfigDef(), Map.of(), Map.of()),
                            this,
                            partitions,
                            directories,
                            NoGroups.coordinator(),
                            Authorization.everybodyEverything(),
                            loops,
                            process,
                            process,
                            random)),
                    Set.of(),
                    this);
        }

        private void begin() {
            world.trace("broker " + id + " starts as " + incarnation);
            process.elsewhere(0, this::register);
            process.elsewhere(0, this::load);
        }

        int brokerId() {
            return id;
        }

        SimulatedProcess process() {
            return process;
        }

        boolean isAlive() {
            return process.isAlive();
        }

        /** The replica here, if its log is open. */
        Partition partition(int number) {
            Partition partition = partitions.find(SimulatedImage.TOPIC, number);
            return partition != null && partition.isOpen() ? partition : null;
        }

        void receive(Request request) {
            if (open) {
                dispatcher.receive(request);
            } else {
                request.close("not serving yet");
            }
        }

        private void register() {
            world.network.ask(
                    id, process, CONTROLLER_TIMEOUT_NS, () -> world.controller.register(id, incarnation), answer -> {
                        if (brokerEpoch >= 0) {
                            return; // An earlier attempt was answered late.
                        }
                        if (answer == null || answer.brokerEpoch() < 0) {
                            process.elsewhere(20 * Scheduler.MS, this::register);
                        } else {
                            brokerEpoch = answer.brokerEpoch();
                            openWhenRegistered();
                            heartbeat();
                        }
                    });
        }

        private void heartbeat() {
            SimulatedController.Heartbeat beat =
                    new SimulatedController.Heartbeat(id, brokerEpoch, image.offset(), !open, leaving);
            world.network.ask(id, process, CONTROLLER_TIMEOUT_NS, () -> world.controller.heartbeat(beat), answer -> {
                if (answer != null && answer.mayShutDown()) {
                    end();
                } else {
                    process.elsewhere(HEARTBEAT_NS / (leaving || !open ? 5 : 1), this::heartbeat);
                }
            });
        }

        /** Follows the metadata log. */
        private void load() {
            world.network.ask(
                    id, process, CONTROLLER_TIMEOUT_NS, () -> world.controller.after(image.offset()), next -> {
                        if (next != null && next.offset() > image.offset()) {
                            follow(next);
                        }
                        process.elsewhere(world.scheduler.upTo(metadataDelayNs), this::load);
                    });
        }

        private void follow(SimulatedImage next) {
            SimulatedImage before = image;
            image = next;
            if (open) {
                partitions.imageChanged(change(before, next));
                return;
            }
            openWhenRegistered();
        }

        private void openWhenRegistered() {
            ClusterImage.Broker self = image.broker(id);
            if (!open && self != null && self.epoch() == brokerEpoch) {
                open = true;
                process.blocking(partitions::recover);
                partitions.imageChanged(change(SimulatedImage.empty(), image));
            }
        }

        private ImageChange change(SimulatedImage before, SimulatedImage after) {
            boolean topicChanged = !before.topic().equals(after.topic());
            return new ImageChange(
                    before,
                    after,
                    topicChanged ? Set.of(SimulatedImage.TOPIC_ID) : Set.of(),
                    Set.of(),
                    Set.of(),
                    !before.members().equals(after.members()));
        }

        /** Begins a controlled shutdown. */
        void leave() {
            leaving = true;
        }

        private void end() {
            world.trace("broker " + id + " shuts down");
            fetchers.close();
            process.blocking(() -> directories.close(brokerEpoch));
            kill();
        }

        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public void addListener(ImageListener listener) {
            throw new AssertionError("nobody else listens");
        }

        @Override
        public OptionalInt controllerId() {
            return OptionalInt.of(SimulatedNetwork.CONTROLLER);
        }

        @Override
        public long brokerEpoch() {
            return brokerEpoch;
        }

        @Override
        public CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
            throw new AssertionError("nothing to be forwarded");
        }

        /** Asks until there is an answer, so that the controller may hear the same twice. */
        @Override
        public CompletableFuture<ApiMessage> ask(ApiMessage request, short version) {
            CompletableFuture<ApiMessage> answered = new CompletableFuture<>();
            process.elsewhere(0, () -> askAgain((AlterPartitionRequestData) request, answered));
            return answered;
        }

        private void askAgain(AlterPartitionRequestData request, CompletableFuture<ApiMessage> answered) {
            world.network.ask(
                    id, process, CONTROLLER_TIMEOUT_NS, () -> world.controller.alterPartition(request), answer -> {
                        if (answer == null) {
                            process.elsewhere(20 * Scheduler.MS, () -> askAgain(request, answered));
                        } else {
                            answered.complete(answer);
                        }
                    });
        }

        @Override
        public CompletableFuture<ApiMessage> serveController(
                ClientContext client, String connectionId, ApiMessage request) {
            return null;
        }

        @Override
        public void connectionClosed(String connectionId) {
            // Nothing hangs on connections here.
        }
    }
}
