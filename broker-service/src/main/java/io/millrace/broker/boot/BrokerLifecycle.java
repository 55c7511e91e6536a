package io.millrace.broker.boot;

import org.springframework.beans.factory.DisposableBean;

/** Stops the broker with its application: last of all beans, as it was made first, for the others may ask it until they end. */
final class BrokerLifecycle implements DisposableBean {

    private final Broker broker;

    BrokerLifecycle(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void destroy() {
        broker.close();
    }
}
