package io.millrace.broker.network;

import java.util.Map;

/**
 * Limits of listeners and connections, by Kafka's keys.
 *
 * @param requestMaxBytes {@code socket.request.max.bytes}
 * @param queuedMaxRequestBytes {@code queued.max.request.bytes}, of all connections together; -1 for no limit
 * @param sendBufferBytes {@code socket.send.buffer.bytes}; -1 for the system's default
 * @param receiveBufferBytes {@code socket.receive.buffer.bytes}; -1 for the system's default
 * @param backlog {@code socket.listen.backlog.size}
 * @param maxIdleMs {@code connections.max.idle.ms}; below 0 for no limit
 * @param maxConnections {@code max.connections}, of all listeners together
 * @param maxConnectionsPerIp {@code max.connections.per.ip}
 * @param maxConnectionsPerIpOverrides {@code max.connections.per.ip.overrides}, by host name or address
 * @param maxConnectionCreationRate {@code max.connection.creation.rate}, connections per second on all listeners together
 */
public record NetworkConfig(
        int requestMaxBytes,
        long queuedMaxRequestBytes,
        int sendBufferBytes,
        int receiveBufferBytes,
        int backlog,
        long maxIdleMs,
        int maxConnections,
        int maxConnectionsPerIp,
        Map<String, Integer> maxConnectionsPerIpOverrides,
        int maxConnectionCreationRate) {

    /** Requests that a connection may have unanswered; more are left in the socket. Ours: Kafka has 1 and queues the rest. */
    static final int MAX_IN_FLIGHT_REQUESTS = 64;

    /** Bytes of unanswered requests that a connection may have, though always one request. */
    static final int MAX_IN_FLIGHT_BYTES = 8 << 20;

    public NetworkConfig {
        maxConnectionsPerIpOverrides = Map.copyOf(maxConnectionsPerIpOverrides);
    }

    /** Kafka's defaults. */
    public static NetworkConfig defaults() {
        return new NetworkConfig(
                100 << 20,
                -1,
                100 << 10,
                100 << 10,
                50,
                600_000,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Map.of(),
                Integer.MAX_VALUE);
    }
}
