package io.millrace.broker.cluster;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ControllerRegistrationRequestData;
import org.apache.kafka.common.message.ControllerRegistrationRequestData.Feature;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.controller.QuorumFeatures;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.metadata.ControllerRegistration;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this controller known to the cluster, once per start: its endpoints, and the features it supports, without which no feature
 * level can be raised. On the metadata loader's thread, but for the answer.
 */
final class ControllerRegistrar implements MetadataPublisher {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerRegistrar.class);

    private final ClusterConfig config;
    private final ClusterSettings settings;
    private final ControllerRoute route;
    private final Uuid incarnationId = Uuid.randomUuid();
    private volatile boolean underWay;

    ControllerRegistrar(ClusterConfig config, ClusterSettings settings, ControllerRoute route) {
        this.config = config;
        this.settings = settings;
        this.route = route;
    }

    @Override
    public String name() {
        return "ControllerRegistrar";
    }

    @Override
    public void onMetadataUpdate(MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {
        ControllerRegistration known = image.cluster().controllers().get(config.nodeId());
        boolean registered = known != null && known.incarnationId().equals(incarnationId);
        boolean possible = image.features()
                .metadataVersion()
                .map(MetadataVersion::isControllerRegistrationSupported)
                .orElse(false);
        if (!registered && possible && !underWay) {
            underWay = true;
            register();
        }
    }

    private void register() {
        var _ = route.ask(request(), ApiKeys.CONTROLLER_REGISTRATION.latestVersion(), Long.MAX_VALUE)
                .whenComplete((response, failure) -> {
                    // A refusal is tried again with the next image, which comes within half a second.
                    underWay = false;
                    if (failure != null) {
                        LOG.warn("controller {} could not register: {}", config.nodeId(), failure.toString());
                    }
                });
    }

    private ControllerRegistrationRequestData request() {
        ControllerRegistrationRequestData.ListenerCollection listeners =
                new ControllerRegistrationRequestData.ListenerCollection();
        config.controllerListeners()
                .forEach(listener -> listeners.add(new ControllerRegistrationRequestData.Listener()
                        .setName(listener.name())
                        .setHost(listener.host())
                        .setPort(listener.port())
                        .setSecurityProtocol(listener.securityProtocol().id)));
        ControllerRegistrationRequestData.FeatureCollection features =
                new ControllerRegistrationRequestData.FeatureCollection();
        QuorumFeatures.defaultSupportedFeatureMap(settings.unstableFeatures())
                .forEach((name, range) -> features.add(new Feature()
                        .setName(name)
                        .setMinSupportedVersion(range.min())
                        .setMaxSupportedVersion(range.max())));
        return new ControllerRegistrationRequestData()
                .setControllerId(config.nodeId())
                .setIncarnationId(incarnationId)
                .setZkMigrationReady(false)
                .setListeners(listeners)
                .setFeatures(features);
    }
}
