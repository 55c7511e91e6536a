package io.millrace.acceptance.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts brokers for one test, which may kill and configure them; they are closed when the test ends. */
public final class Brokers implements AutoCloseable {
    private final List<BrokerUnderTest> started = new ArrayList<>();

    /** Starts a broker with Kafka's defaults apart from these properties. */
    public BrokerUnderTest start(Map<String, String> properties) {
        BrokerUnderTest broker = BrokerUnderTest.start(properties);
        started.add(broker);
        return broker;
    }

    /** Formats a broker's directories without starting it. */
    public BrokerUnderTest prepare(Map<String, String> properties) {
        BrokerUnderTest broker = BrokerUnderTest.prepare(properties);
        started.add(broker);
        return broker;
    }

    List<BrokerUnderTest> started() {
        return started;
    }

    @Override
    public void close() {
        started.forEach(BrokerUnderTest::close);
        started.clear();
    }
}
