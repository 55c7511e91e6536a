package io.millrace.broker.cluster;

import io.millrace.broker.cluster.BrokerConnections.Incarnation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Iterator;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the partitions away from a broker whose process has died, without waiting for its session: when its connection breaks and
 * its port refuses, it is fenced. A machine that has gone silent refuses nothing; the session remains the net for that.
 *
 * <p>A broker fenced wrongly heals itself with its next heartbeat. Any thread; a probe runs on a thread of its own.
 */
final class BrokerFencing {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerFencing.class);

    private static final int PROBE_TIMEOUT_MS = 500;
    /** A dying process closes its sockets one after another: its port may still accept when its connections are gone. */
    private static final int[] PROBE_AFTER_MS = {0, 10, 30, 60, 100, 200, 400};

    private final QuorumController controller;
    private final Supplier<MetadataImage> image;
    private final ClusterTimer timer;

    BrokerFencing(QuorumController controller, Supplier<MetadataImage> image, ClusterTimer timer) {
        this.controller = controller;
        this.image = image;
        this.timer = timer;
    }

    /** Checks whether that incarnation is dead, and fences it if so. */
    void suspect(Incarnation incarnation) {
        probe(incarnation, 0);
    }

    /** As the new active controller: checks every broker, for those that died with the last controller have no connection here. */
    void suspectAll(int exceptBrokerId) {
        for (BrokerRegistration broker : image.get().cluster().brokers().values()) {
            if (!broker.fenced() && broker.id() != exceptBrokerId) {
                suspect(new Incarnation(broker.id(), broker.epoch()));
            }
        }
    }

    private void probe(Incarnation incarnation, int attempt) {
        timer.after(PROBE_AFTER_MS[attempt], () -> {
            BrokerRegistration broker = image.get().cluster().broker(incarnation.brokerId());
            if (broker == null || broker.fenced() || broker.epoch() != incarnation.brokerEpoch()) {
                return;
            }
            if (!isActive()) {
                again(incarnation, attempt);
                return;
            }
            Thread.ofVirtual().name("probe-broker-" + broker.id()).start(() -> {
                if (refuses(broker)) {
                    fence(incarnation);
                } else {
                    again(incarnation, attempt);
                }
            });
        });
    }

    private void again(Incarnation incarnation, int attempt) {
        if (attempt + 1 < PROBE_AFTER_MS.length) {
            probe(incarnation, attempt + 1);
        }
    }

    private boolean isActive() {
        return controller.curClaimEpoch() >= 0;
    }

    /** Whether the broker's machine answers that nobody listens at its port; silence is no answer. */
    private static boolean refuses(BrokerRegistration broker) {
        Iterator<Endpoint> endpoints = broker.listeners().values().iterator();
        if (!endpoints.hasNext()) {
            return false;
        }
        Endpoint endpoint = endpoints.next();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()), PROBE_TIMEOUT_MS);
            return false;
        } catch (ConnectException refused) {
            return true;
        } catch (IOException unreachable) {
            LOG.debug("probe of broker {} at {}: {}", broker.id(), endpoint, unreachable.toString());
            return false;
        }
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
                            LOG.info("fencing broker {} failed: {}", dead.brokerId(), failure.toString());
                            return;
                        }
                        // The fencing heartbeat itself began a new session, which would keep the next incarnation out.
                        BrokerSessions.expire(controller, dead.brokerId(), dead.brokerEpoch());
                    });
        } catch (RuntimeException e) {
            LOG.info("fencing broker {} failed: {}", dead.brokerId(), e.toString());
        }
    }
}
