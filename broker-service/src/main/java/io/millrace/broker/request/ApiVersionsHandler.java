package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ServedApis;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** Answers ApiVersions on every listener: what is served there, and which features this node and its cluster have. */
public final class ApiVersionsHandler implements ApiHandler {

    /** From this version on clients understand a feature that begins at level 0. */
    private static final short LEVEL_0_SINCE = 4;

    private static final Features<SupportedVersionRange> SUPPORTED = supported();

    private final ServedApis served;
    private final Set<ListenerName> controllerListeners;
    private final Cluster cluster;

    public ApiVersionsHandler(ServedApis served, Set<ListenerName> controllerListeners, Cluster cluster) {
        this.served = served;
        this.controllerListeners = Set.copyOf(controllerListeners);
        this.cluster = cluster;
    }

    private static Features<SupportedVersionRange> supported() {
        Map<String, SupportedVersionRange> ranges = new HashMap<>();
        ranges.put(
                MetadataVersion.FEATURE_NAME,
                new SupportedVersionRange(
                        MetadataVersion.MINIMUM_VERSION.featureLevel(),
                        MetadataVersion.latestProduction().featureLevel()));
        for (Feature feature : Feature.PRODUCTION_FEATURES) {
            ranges.put(
                    feature.featureName(),
                    new SupportedVersionRange(feature.minimumProduction(), feature.latestProduction()));
        }
        return Features.supportedFeatures(ranges);
    }

    @Override
    public void handle(Request request) {
        short version = request.apiVersion();
        if (!request.apiKey().isVersionSupported(version)) {
            request.reply(unsupported(version));
            return;
        }
        ApiVersionsRequest asked = new ApiVersionsRequest((ApiVersionsRequestData) request.body(), version);
        if (!asked.isValid()) {
            request.reply(asked.getErrorResponse(0, new InvalidRequestException("client software name or version"))
                    .data());
        } else {
            request.introduce(asked.data().clientSoftwareName());
            request.reply(table(request).data());
        }
    }

    /** In version 0, which every client reads: the versions of ApiVersions itself, to ask again with (KIP-511). */
    private static ApiMessage unsupported(short version) {
        ApiVersionsRequest oldest = new ApiVersionsRequest(new ApiVersionsRequestData(), (short) 0, version);
        return oldest.getErrorResponse(0, new UnsupportedVersionException("version " + version))
                .data();
    }

    private ApiVersionsResponse table(Request request) {
        ListenerType type = controllerListeners.contains(request.client().listener())
                ? ListenerType.CONTROLLER
                : ListenerType.BROKER;
        ClusterImage image = cluster.image();
        return new ApiVersionsResponse.Builder()
                .setApiVersions(served.table(type))
                .setSupportedFeatures(SUPPORTED)
                .setFinalizedFeatures(new HashMap<>(cluster.finalizedFeatures()))
                .setFinalizedFeaturesEpoch(image.offset())
                .setZkMigrationEnabled(false)
                .setAlterFeatureLevel0(request.apiVersion() < LEVEL_0_SINCE)
                .build();
    }
}
