package io.millrace.broker.cluster;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.metadata.ControllerRegistration;

/**
 * DescribeCluster on a controller's listener (KIP-919): the registered controllers and their endpoints, for tools that are given
 * {@code --bootstrap-controller}.
 */
final class DescribeControllersApi implements ControllerApi {

    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final ClusterConfig config;
    private final QuorumEngine engine;
    private final Supplier<MetadataImage> image;

    DescribeControllersApi(ClusterConfig config, QuorumEngine engine, Supplier<MetadataImage> image) {
        this.config = config;
        this.engine = engine;
        this.image = image;
    }

    @Override
    public CompletableFuture<DescribeClusterResponseData> answer(ControllerCall call) {
        DescribeClusterRequestData request = (DescribeClusterRequestData) call.request();
        DescribeClusterResponseData response =
                new DescribeClusterResponseData().setEndpointType(request.endpointType());
        if (request.endpointType() == BROKERS) {
            return CompletableFuture.completedFuture(
                    response.setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                            .setErrorMessage(
                                    "The request was sent to an endpoint of type CONTROLLER, but we wanted an endpoint of type BROKER"));
        }
        if (request.endpointType() != CONTROLLERS) {
            return CompletableFuture.completedFuture(response.setErrorCode(Errors.UNSUPPORTED_ENDPOINT_TYPE.code())
                    .setErrorMessage("Unsupported endpoint type " + request.endpointType()));
        }
        String listener = call.client().listener().value();
        for (ControllerRegistration controller :
                image.get().cluster().controllers().values()) {
            controller
                    .node(listener)
                    .ifPresent(node -> response.brokers()
                            .add(new DescribeClusterBroker()
                                    .setBrokerId(node.id())
                                    .setHost(node.host())
                                    .setPort(node.port())));
        }
        return CompletableFuture.completedFuture(response.setClusterId(config.clusterId())
                .setControllerId(engine.raft().leaderAndEpoch().leaderId().orElse(-1)));
    }
}
