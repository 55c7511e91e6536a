package io.millrace.broker.network;

import io.millrace.broker.runtime.Clock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the connections of this process against its limits: all together, per address, and new ones per second. Any thread.
 *
 * <p>Whoever may not come in because of the number of all or of new connections waits in the backlog; who has too many from one
 * address is turned away, as Kafka does it.
 */
final class ConnectionLimits {

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final NetworkConfig config;
    private final Clock clock;
    private final Map<InetAddress, Integer> overrides = new HashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();
    private final Map<Acceptor, Boolean> waiting = new ConcurrentHashMap<>();

    private double tokens;
    private long tokensAtNs;

    ConnectionLimits(NetworkConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.tokens = config.maxConnectionCreationRate();
        this.tokensAtNs = clock.monotonicNs();
        config.maxConnectionsPerIpOverrides().forEach((host, limit) -> {
            try {
                overrides.put(InetAddress.getByName(host), limit);
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(
                        "max.connections.per.ip.overrides: the host '" + host + "' has no address", e);
            }
        });
    }

    /** Counts a connection from {@code address}, unless that has its limit already. */
    boolean opened(InetAddress address) {
        int limit = limit(address);
        boolean[] admitted = new boolean[1];
        perAddress.compute(address, (same, count) -> {
            int now = count == null ? 0 : count;
            admitted[0] = now < limit;
            return admitted[0] ? Integer.valueOf(now + 1) : count;
        });
        if (!admitted[0]) {
            return false;
        }
        open.incrementAndGet();
        return true;
    }

    /** The connections that {@code address} may have. */
    int limit(InetAddress address) {
        return overrides.getOrDefault(address, config.maxConnectionsPerIp());
    }

    /** A connection that was counted has ended. */
    void closed(InetAddress address) {
        open.decrementAndGet();
        perAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        waiting.keySet().forEach(Acceptor::resume);
    }

    /** Whether no further connection may come in; {@code acceptor} is then told when one may. */
    boolean full(Acceptor acceptor) {
        if (open.get() < config.maxConnections()) {
            return false;
        }
        waiting.put(acceptor, true);
        if (open.get() < config.maxConnections()) {
            waiting.remove(acceptor);
            return false;
        }
        return true;
    }

    void stopWaiting(Acceptor acceptor) {
        waiting.remove(acceptor);
    }

    /** Takes note of a new connection; how long to wait until the next may come, in milliseconds. */
    synchronized long delayAfterNewMs() {
        int rate = config.maxConnectionCreationRate();
        if (rate == Integer.MAX_VALUE) {
            return 0;
        }
        long nowNs = clock.monotonicNs();
        tokens = Math.min(rate, tokens + (double) rate * (nowNs - tokensAtNs) / SECOND_NS) - 1;
        tokensAtNs = nowNs;
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) * 1000 / rate);
    }
}
