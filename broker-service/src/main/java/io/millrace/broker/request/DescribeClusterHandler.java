package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.Broker;
import io.millrace.broker.protocol.ClientContext;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.MismatchedEndpointTypeException;
import org.apache.kafka.common.errors.UnsupportedEndpointTypeException;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeCluster, versions 0 to 2: the brokers behind the listener that the client came in by. */
final class DescribeClusterHandler {

    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final BrokerServices broker;

    DescribeClusterHandler(BrokerServices broker) {
        this.broker = broker;
    }

    ApiMessage answer(ClientContext client, DescribeClusterRequestData request) {
        checkEndpointType(request.endpointType());
        ClusterImage image = broker.cluster().image();
        LiveNodes nodes = new LiveNodes(image, client.listener());
        DescribeClusterResponseData response = new DescribeClusterResponseData()
                .setClusterId(image.clusterId())
                .setControllerId(nodes.controllerFor(broker.config().brokerId()));
        boolean withFenced = client.apiVersion() >= 2 && request.includeFencedBrokers();
        for (Broker registered : image.brokers()) {
            Node node = registered.fenced() && !withFenced ? null : registered.node(client.listener());
            if (node != null) {
                response.brokers()
                        .add(new DescribeClusterBroker()
                                .setBrokerId(node.id())
                                .setHost(node.host())
                                .setPort(node.port())
                                .setRack(node.rack())
                                .setIsFenced(withFenced && registered.fenced()));
            }
        }
        if (request.includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(
                    broker.authorization().operations(client, ResourceType.CLUSTER, Resource.CLUSTER_NAME));
        }
        return response;
    }

    private static void checkEndpointType(byte type) {
        if (type == CONTROLLERS) {
            throw new MismatchedEndpointTypeException(
                    "this is a listener of brokers; ask a controller's listener for controllers");
        }
        if (type != BROKERS) {
            throw new UnsupportedEndpointTypeException("unknown endpoint type " + type);
        }
    }
}
