package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.Broker;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.ListenerName;
import org.jspecify.annotations.Nullable;

/** The brokers that are alive, as the clients of one listener reach them. */
record LiveNodes(ClusterImage image, ListenerName listener) {

    /** Null if the broker is not registered, is fenced or does not have the listener. */
    @Nullable
    Node find(int brokerId) {
        Broker broker = image.broker(brokerId);
        return broker == null || broker.fenced() ? null : broker.node(listener);
    }

    List<Node> all() {
        List<Node> nodes = new ArrayList<>();
        for (Broker broker : image.brokers()) {
            Node node = broker.fenced() ? null : broker.node(listener);
            if (node != null) {
                nodes.add(node);
            }
        }
        return nodes;
    }

    /** Whom clients are told to be the controller: this broker, which forwards, or another one that is alive; -1 if none is. */
    int controllerFor(int brokerId) {
        if (find(brokerId) != null) {
            return brokerId;
        }
        List<Node> nodes = all();
        return nodes.isEmpty() ? -1 : nodes.getFirst().id();
    }
}
