package io.millrace.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.Lab;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.requests.MetadataRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Peers that hold connections, never read, or come too often: memory stays bounded and everyone else is served. */
@Lab
final class HostileConnectionsIT {
    private static final long MEGABYTE = 1_000_000;

    @Test
    void twoThousandIdleConnectionsDisturbNobody(BrokerUnderTest broker) {
        long before = broker.process().residentBytes();
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int number = 0; number < 2_000; number++) {
                peers.add(new RawPeer(broker.port()));
            }
            assertServed(broker);
            assertThat(broker.process().residentBytes() - before).isLessThan(150 * MEGABYTE);
        } finally {
            peers.forEach(RawPeer::close);
        }
    }

    @Test
    void halfOpenFramesDisturbNobody(BrokerUnderTest broker) {
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int number = 0; number < 200; number++) {
                peers.add(new RawPeer(broker.port()).sendLength(1000).send((byte) 0));
            }
            assertServed(broker);
        } finally {
            peers.forEach(RawPeer::close);
        }
    }

    /** Small requests with large answers, pipelined, whose answers are never read. */
    @Test
    void aPeerThatPipelinesAndNeverReadsIsHeldBack(BrokerUnderTest broker) throws IOException {
        String topic = broker.newTopic("never-read", 1);
        broker.clients().produce(topic, 0, Collections.nCopies(20_000, "x".repeat(1000)));
        long before = broker.process().residentBytes();
        try (RawPeer peer = new RawPeer(broker.port(), 4096)) {
            byte[] frame = peer.frame(new MetadataRequest(new MetadataRequestData().setTopics(null), (short) 9));
            ByteBuffer request =
                    ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame);
            long sent = sendUntilHeldBack(broker.port(), request.array());
            assertThat(sent).isPositive();
            assertServed(broker);
            assertThat(broker.process().residentBytes() - before).isLessThan(200 * MEGABYTE);
        }
    }

    /** Keeps writing without ever reading, until the broker stops taking more for two seconds or 64 MB have gone. */
    private static long sendUntilHeldBack(int port, byte[] request) throws IOException {
        try (SocketChannel channel =
                SocketChannel.open(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), port))) {
            channel.configureBlocking(false);
            ByteBuffer many = ByteBuffer.allocate(request.length * 1000);
            for (int copy = 0; copy < 1000; copy++) {
                many.put(request);
            }
            many.flip();
            long sent = 0;
            long lastProgressNanos = System.nanoTime();
            while (sent < 64 * MEGABYTE
                    && System.nanoTime() - lastProgressNanos
                            < Duration.ofSeconds(2).toNanos()) {
                if (!many.hasRemaining()) {
                    many.rewind();
                }
                int written = channel.write(many);
                if (written > 0) {
                    sent += written;
                    lastProgressNanos = System.nanoTime();
                } else {
                    Thread.onSpinWait();
                }
            }
            return sent;
        }
    }

    @Test
    void connectionsBeyondTheLimitOfAnAddressAreClosed(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of("max.connections.per.ip", "40"));
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int number = 0; number < 60; number++) {
                peers.add(new RawPeer(broker.port()));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> peers.stream()
                                    .filter(peer -> peer.isClosedWithin(10))
                                    .count()
                            >= 20);
        } finally {
            peers.forEach(RawPeer::close);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> assertServed(broker));
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTime(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of("connections.max.idle.ms", "1000"));
        try (RawPeer silent = new RawPeer(broker.port());
                RawPeer halfOpen = new RawPeer(broker.port()).sendLength(100)) {
            assertThat(silent.isClosed()).isTrue();
            assertThat(halfOpen.isClosed()).isTrue();
        }
        assertServed(broker);
    }

    @Test
    void aRequestAboveTheConfiguredSizeClosesTheConnection(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of("socket.request.max.bytes", "100000"));
        try (RawPeer peer = new RawPeer(broker.port())) {
            peer.sendLength(100_001);
            assertThat(peer.isClosed()).isTrue();
        }
        assertServed(broker);
    }

    private static void assertServed(BrokerUnderTest broker) {
        String topic = broker.newTopic("served", 1);
        broker.clients().produce(topic, 0, List.of("served"));
        assertThat(broker.clients().readAll(topic, 0)).hasSize(1);
    }
}
