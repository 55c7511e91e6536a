package io.millrace.broker.boot;

import org.springframework.context.SmartLifecycle;

/** Starts and stops the broker with its application: before the web server, which may ask it at once, and after it. */
final class BrokerLifecycle implements SmartLifecycle {

    private final Broker broker;
    private volatile boolean running;

    BrokerLifecycle(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void start() {
        broker.start();
        running = true;
    }

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
