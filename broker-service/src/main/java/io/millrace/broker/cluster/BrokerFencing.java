package io.millrace.broker.cluster;

import io.millrace.broker.cluster.BrokerConnections.Incarnation;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.controller.BrokerSessions;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.controller.QuorumController;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the partitions away from a broker whose process has died, without waiting for its session: when its connection breaks and
 * its port refuses, it is fenced. A machine that has gone silent refuses nothing; the session remains the net for that.
 *
 * <p>A broker fenced wrongly heals itself with its next heartbeat. Any thread.
 */
final class BrokerFencing {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerFencing.class);

    /** Between attempts to have the controller fence a broker that is known to be dead. */
    private static final long RETRY_BACKOFF_MS = 50;

    private final QuorumController controller;
    private final Supplier<MetadataImage> image;
    private final ClusterTimer timer;
    private final PortProbe probe;
    private volatile boolean leading;

    BrokerFencing(QuorumController controller, Supplier<MetadataImage> image, ClusterTimer timer) {
        this.controller = controller;
        this.image = image;
        this.timer = timer;
        this.probe = new PortProbe(timer);
    }

    /** Checks whether that incarnation is dead, and fences it if so. */
    void suspect(Incarnation incarnation) {
        BrokerRegistration broker = unfenced(incarnation);
        if (broker == null || broker.listeners().isEmpty()) {
            return;
        }
        Endpoint endpoint = broker.listeners().values().iterator().next();
        probe.whenRefused(
                "broker-" + broker.id(),
                endpoint.host(),
                endpoint.port(),
                () -> isToBeFenced(incarnation),
                // Leading the quorum, the controller still has to take over.
                () -> controller.curClaimEpoch() >= 0,
                () -> fence(incarnation));
    }

    /** Null if it is fenced, or another incarnation has taken its place. */
    private @Nullable BrokerRegistration unfenced(Incarnation incarnation) {
        BrokerRegistration broker = image.get().cluster().broker(incarnation.brokerId());
        return broker == null || broker.fenced() || broker.epoch() != incarnation.brokerEpoch() ? null : broker;
    }

    private boolean isToBeFenced(Incarnation incarnation) {
        return leading && unfenced(incarnation) != null;
    }

    /**
     * This node leads the quorum now: checks every broker, for each has a fresh session, and those that died with the last
     * controller have no connection here.
     */
    void beginToLead(int exceptBrokerId) {
        leading = true;
        for (BrokerRegistration broker : image.get().cluster().brokers().values()) {
            if (!broker.fenced() && broker.id() != exceptBrokerId) {
                suspect(new Incarnation(broker.id(), broker.epoch()));
            }
        }
    }

    /** Another node leads the quorum, or none, or this one ends: what is under way here is given up. */
    void ceaseToLead() {
        leading = false;
    }

    private void fence(Incarnation dead) {
        BrokerHeartbeatRequestData heartbeat = new BrokerHeartbeatRequestData()
                .setBrokerId(dead.brokerId())
                .setBrokerEpoch(dead.brokerEpoch())
                .setCurrentMetadataOffset(image.get().offset())
                .setWantFence(true);
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(ApiKeys.BROKER_HEARTBEAT.id)
                .setRequestApiVersion(ApiKeys.BROKER_HEARTBEAT.latestVersion())
                .setClientId("fast-failure");
        ControllerRequestContext context =
                new ControllerRequestContext(header, KafkaPrincipal.ANONYMOUS, OptionalLong.empty());
        LOG.info(
                "broker {} (epoch {}) is gone: its connection broke and its port refuses; fencing it",
                dead.brokerId(),
                dead.brokerEpoch());
        try {
            CompletableFuture<?> _ = controller
                    .processBrokerHeartbeat(context, heartbeat)
                    .whenComplete((reply, failure) -> {
                        if (failure != null) {
                            fenceAgain(dead, failure);
                            return;
                        }
                        // The fencing heartbeat itself began a new session, which would keep the next incarnation out.
                        BrokerSessions.expire(controller, dead.brokerId(), dead.brokerEpoch());
                    });
        } catch (RuntimeException e) {
            fenceAgain(dead, e);
        }
    }

    private void fenceAgain(Incarnation dead, Throwable failure) {
        LOG.info(
                "fencing broker {} failed: {}; trying again while this node leads",
                dead.brokerId(),
                failure.toString());
        timer.after(RETRY_BACKOFF_MS, () -> {
            if (isToBeFenced(dead)) {
                fence(dead);
            }
        });
    }
}
