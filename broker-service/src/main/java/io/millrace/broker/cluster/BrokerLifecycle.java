package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatResponseData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.Feature;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.controller.QuorumFeatures;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker's standing with the controller: registered, then fenced, unfenced, shutting down, kept alive by heartbeats.
 *
 * <p>Everything happens on the cluster timer's thread; other threads send it there. A heartbeat goes out every
 * {@code broker.heartbeat.interval.ms}, and at once when there is something new to say or the image shows that others wait for it.
 */
final class BrokerLifecycle implements ImageListener {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerLifecycle.class);

    private static final long REGISTRATION_BACKOFF_MS = 100;
    /** Between heartbeats while this broker waits to be unfenced or to be let go. */
    private static final long IMPATIENT_INTERVAL_MS = 20;

    private final ClusterConfig config;
    private final ClusterSettings settings;
    private final ControllerRoute route;
    private final ClusterTimer timer;
    private final FatalFault faults;
    private final Uuid incarnationId = Uuid.randomUuid();
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final List<Uuid> offlineDirectories = new ArrayList<>();

    private volatile long brokerEpoch = -1;
    private ClusterImage image;
    private long registrationDeadlineNs;
    private Errors lastRegistrationError = Errors.NONE;
    private boolean registering;
    private boolean ready;
    private boolean leaving;
    private boolean closed;
    private boolean heartbeatInFlight;
    private boolean heartbeatDue;
    /** Counts scheduled heartbeats, so that only the newest one fires. */
    private long heartbeatSchedule;

    BrokerLifecycle(
            ClusterConfig config,
            ClusterSettings settings,
            ControllerRoute route,
            ClusterTimer timer,
            ClusterImage image,
            FatalFault faults) {
        this.config = config;
        this.settings = settings;
        this.route = route;
        this.timer = timer;
        this.image = image;
        this.faults = faults;
    }

    CompletableFuture<Void> caughtUp() {
        return caughtUp;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    CompletableFuture<Void> unfence() {
        timer.after(0, () -> {
            ready = true;
            heartbeatNow();
        });
        return unfenced;
    }

    void logDirectoryFailed(Uuid directoryId) {
        timer.after(0, () -> {
            offlineDirectories.add(directoryId);
            heartbeatNow();
        });
    }

    CompletableFuture<Void> controlledShutdown(long timeoutMs) {
        timer.after(0, () -> {
            leaving = true;
            heartbeatNow();
        });
        timer.after(
                timeoutMs,
                () -> released.completeExceptionally(
                        new TimeoutException("broker " + config.nodeId() + " was not released by the controller within "
                                + timeoutMs + " ms; some of its partitions have no other replica in sync")));
        return released;
    }

    void close() {
        timer.after(0, () -> closed = true);
    }

    @Override
    public void imageChanged(ImageChange change) {
        timer.after(0, () -> follow(change));
    }

    private void follow(ImageChange change) {
        image = change.after();
        if (!registering && brokerEpoch < 0) {
            // The first image is as far as the quorum's high watermark: registering earlier gains nothing.
            registering = true;
            beginRegistration();
            return;
        }
        if (caughtUp.isDone() && !leaving && isUnregistered()) {
            registerAgain("was unregistered");
            return;
        }
        ClusterImage.Broker self = self();
        if (self == null) {
            return;
        }
        if (!self.fenced() && unfenced.complete(null)) {
            LOG.info("broker {} is unfenced", config.nodeId());
        }
        if ((ready && self.fenced()) || (change.brokersChanged() && othersLeave(change))) {
            heartbeatNow();
        }
    }

    /** This broker as the image has it; null as long as the image is older than the registration. */
    private ClusterImage.@Nullable Broker self() {
        ClusterImage.Broker self = image.broker(config.nodeId());
        if (self == null || self.epoch() != brokerEpoch) {
            return null;
        }
        if (caughtUp.complete(null)) {
            LOG.info("broker {} is registered with epoch {} and has caught up", config.nodeId(), brokerEpoch);
        }
        return self;
    }

    /** Whether some other broker waits until all brokers have seen the change of leaders that its shutdown makes. */
    private boolean othersLeave(ImageChange change) {
        for (ClusterImage.Broker broker : change.after().brokers()) {
            if (broker.inControlledShutdown() && broker.id() != config.nodeId()) {
                ClusterImage.Broker before = change.before().broker(broker.id());
                if (before == null || !before.inControlledShutdown()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the metadata is beyond this broker's registration and has none of it. A registration's epoch is its offset. */
    private boolean isUnregistered() {
        return brokerEpoch >= 0 && image.offset() >= brokerEpoch && image.broker(config.nodeId()) == null;
    }

    private void beginRegistration() {
        registrationDeadlineNs = timer.nowNs()
                + TimeUnit.MILLISECONDS.toNanos(
                        settings.brokerDefaults().getInt("initial.broker.registration.timeout.ms"));
        register();
    }

    /** For a living broker that the controller does not know any more, or whose place another process has taken. */
    private void registerAgain(String reason) {
        LOG.warn("broker {} (epoch {}) {}, though it lives; registering again", config.nodeId(), brokerEpoch, reason);
        brokerEpoch = -1;
        beginRegistration();
    }

    private void register() {
        if (closed) {
            return;
        }
        CompletableFuture<?> _ = route.ask(
                        registration(), ApiKeys.BROKER_REGISTRATION.latestVersion(), settings.requestTimeoutMs())
                .whenComplete((response, failure) -> timer.after(0, () -> registered(response, failure)));
    }

    private void registered(@Nullable ApiMessage response, @Nullable Throwable failure) {
        Errors error = response instanceof BrokerRegistrationResponseData data
                ? Errors.forCode(data.errorCode())
                : Errors.forException(failure);
        if (error == Errors.NONE && response instanceof BrokerRegistrationResponseData data) {
            brokerEpoch = data.brokerEpoch();
            ClusterImage.Broker _ = self(); // The image may have been faster than the answer.
            heartbeatNow();
            return;
        }
        if (error != lastRegistrationError) {
            lastRegistrationError = error;
            LOG.warn(
                    "registration of broker {} was refused: {} ({}); trying again",
                    config.nodeId(),
                    error,
                    error.message());
        }
        if (timer.nowNs() >= registrationDeadlineNs) {
            faults.halt(
                    "broker " + config.nodeId()
                            + " could not register within initial.broker.registration.timeout.ms; last answer: "
                            + error,
                    error.exception("registration refused"));
            return;
        }
        timer.after(REGISTRATION_BACKOFF_MS, this::register);
    }

    private BrokerRegistrationRequestData registration() {
        BrokerRegistrationRequestData.ListenerCollection listeners =
                new BrokerRegistrationRequestData.ListenerCollection();
        config.brokerListeners()
                .forEach(listener -> listeners.add(new BrokerRegistrationRequestData.Listener()
                        .setName(listener.name())
                        .setHost(listener.host())
                        .setPort(listener.port())
                        .setSecurityProtocol(listener.securityProtocol().id)));
        BrokerRegistrationRequestData.FeatureCollection features =
                new BrokerRegistrationRequestData.FeatureCollection();
        QuorumFeatures.defaultSupportedFeatureMap(settings.unstableFeatures())
                .forEach((name, range) -> features.add(new Feature()
                        .setName(name)
                        .setMinSupportedVersion(range.min())
                        .setMaxSupportedVersion(range.max())));
        List<Uuid> directories = new ArrayList<>(config.logDirectoryIds());
        Collections.sort(directories);
        return new BrokerRegistrationRequestData()
                .setBrokerId(config.nodeId())
                .setClusterId(config.clusterId())
                .setIncarnationId(incarnationId)
                .setListeners(listeners)
                .setFeatures(features)
                .setRack(config.rack())
                .setLogDirs(directories)
                .setPreviousBrokerEpoch(config.previousBrokerEpoch());
    }

    private void heartbeatNow() {
        if (closed || brokerEpoch < 0) {
            return;
        }
        if (heartbeatInFlight) {
            heartbeatDue = true;
            return;
        }
        heartbeatDue = false;
        heartbeatInFlight = true;
        long epoch = brokerEpoch;
        BrokerHeartbeatRequestData heartbeat = new BrokerHeartbeatRequestData()
                .setBrokerId(config.nodeId())
                .setBrokerEpoch(epoch)
                .setCurrentMetadataOffset(image.offset())
                .setWantFence(!ready)
                .setWantShutDown(leaving)
                .setOfflineLogDirs(List.copyOf(offlineDirectories));
        CompletableFuture<?> _ = route.ask(
                        heartbeat, ApiKeys.BROKER_HEARTBEAT.latestVersion(), settings.sessionTimeoutMs())
                .whenComplete((response, failure) -> timer.after(0, () -> heartbeatAnswered(epoch, response, failure)));
    }

    private void heartbeatAnswered(long epoch, @Nullable ApiMessage response, @Nullable Throwable failure) {
        heartbeatInFlight = false;
        boolean impatient = leaving && !released.isDone();
        if (response instanceof BrokerHeartbeatResponseData data && data.errorCode() == Errors.NONE.code()) {
            if (data.shouldShutDown()) {
                released.complete(null);
                return;
            }
            impatient |= ready && data.isFenced();
        } else {
            Errors error = response instanceof BrokerHeartbeatResponseData data
                    ? Errors.forCode(data.errorCode())
                    : Errors.forException(failure);
            LOG.warn("heartbeat of broker {} (epoch {}) failed: {}", config.nodeId(), epoch, error);
            if (error == Errors.STALE_BROKER_EPOCH && epoch == brokerEpoch) {
                epochRefused();
                return;
            }
        }
        if (heartbeatDue) {
            heartbeatNow();
            return;
        }
        long mine = ++heartbeatSchedule;
        timer.after(impatient ? IMPATIENT_INTERVAL_MS : settings.heartbeatIntervalMs(), () -> {
            if (mine == heartbeatSchedule) {
                heartbeatNow();
            }
        });
    }

    /** The controller has no registration with this broker's epoch: no heartbeat with it will ever be taken again. */
    private void epochRefused() {
        if (leaving) {
            released.complete(null); // There is nothing left to hand over.
        } else {
            registerAgain("has an epoch that the controller does not know any more");
        }
    }
}
