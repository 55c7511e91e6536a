package io.millrace.acceptance.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Starts brokers for one test, which may kill and configure them; they are closed when the test ends. */
public final class Brokers implements AutoCloseable {
    private final List<BrokerUnderTest> started = new ArrayList<>();
    private final List<ClusterUnderTest> clusters = new ArrayList<>();

    /** Starts a broker with Kafka's defaults apart from these properties. */
    public BrokerUnderTest start(Map<String, String> properties) {
        BrokerUnderTest broker = BrokerUnderTest.start(properties);
        started.add(broker);
        return broker;
    }

    /** Formats a broker of some software, not necessarily the one under test, without starting it. */
    public BrokerUnderTest prepare(Distribution distribution, Map<String, String> properties) {
        BrokerUnderTest broker = new BrokerUnderTest(distribution, properties);
        started.add(broker);
        broker.format();
        return broker;
    }

    /** Formats a broker's directories without starting it. */
    public BrokerUnderTest prepare(Map<String, String> properties) {
        BrokerUnderTest broker = BrokerUnderTest.prepare(properties);
        started.add(broker);
        return broker;
    }

    /** Starts a cluster of nodes that are broker and controller in one. */
    public ClusterUnderTest cluster(Distribution distribution, int size, Map<String, String> properties) {
        return keep(ClusterUnderTest.start(distribution, size, properties));
    }

    /** Starts a cluster of one controller, node 1, and that many brokers. */
    public ClusterUnderTest separateCluster(Distribution distribution, int brokers, Map<String, String> properties) {
        return keep(ClusterUnderTest.startSeparate(distribution, brokers, properties));
    }

    /** Starts a node that is broker, controller and the whole of a quorum that can grow. */
    public ClusterUnderTest dynamicCluster(Distribution distribution, Map<String, String> properties) {
        return keep(ClusterUnderTest.startDynamic(distribution, properties));
    }

    private ClusterUnderTest keep(ClusterUnderTest cluster) {
        clusters.add(cluster);
        return cluster;
    }

    Stream<BrokerUnderTest> started() {
        return Stream.concat(started.stream(), clusters.stream().flatMap(cluster -> cluster.nodes().stream()));
    }

    @Override
    public void close() {
        started.forEach(BrokerUnderTest::close);
        started.clear();
        clusters.forEach(ClusterUnderTest::close);
        clusters.clear();
    }
}
