package io.millrace.broker.boot;

import org.springframework.context.SmartLifecycle;

/** Stops the broker with its application, after the web server and everything else that may still ask it. */
final class BrokerLifecycle implements SmartLifecycle {

    private final Broker broker;
    private volatile boolean running = true;

    BrokerLifecycle(Broker broker) {
        this.broker = broker;
    }

    /** The broker runs before its application does. */
    @Override
    public void start() {}

    @Override
    public void stop() {
        broker.close();
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }
}
