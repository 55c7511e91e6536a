package io.millrace.broker.cluster;

import java.util.Optional;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.metadata.BrokerRegistration;
import org.jspecify.annotations.Nullable;

/** A broker's registration in Kafka's image as other packages see it. Immutable. */
record BrokerView(BrokerRegistration registration) implements ClusterImage.Broker {

    @Override
    public int id() {
        return registration.id();
    }

    @Override
    public long epoch() {
        return registration.epoch();
    }

    @Override
    public boolean fenced() {
        return registration.fenced();
    }

    @Override
    public boolean inControlledShutdown() {
        return registration.inControlledShutdown();
    }

    @Override
    public @Nullable String rack() {
        return registration.rack().orElse(null);
    }

    @Override
    public @Nullable Node node(ListenerName listener) {
        Optional<Node> node = registration.node(listener.value());
        return node.orElse(null);
    }
}
