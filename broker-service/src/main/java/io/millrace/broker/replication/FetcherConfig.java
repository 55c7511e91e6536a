package io.millrace.broker.replication;

import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * How followers fetch from leaders.
 *
 * @param listener the listener by which brokers talk to each other
 * @param protocol how that listener is secured
 * @param values the node's parsed configuration, which Kafka's network client reads its security settings from
 * @param numFetchers {@code num.replica.fetchers}: connections to each leader
 * @param maxWaitMs {@code replica.fetch.wait.max.ms}
 * @param minBytes {@code replica.fetch.min.bytes}
 * @param responseMaxBytes {@code replica.fetch.response.max.bytes}
 * @param partitionMaxBytes {@code replica.fetch.max.bytes}
 * @param maxBackoffMs {@code replica.fetch.backoff.ms}: the longest pause after errors in a row; the first is shorter
 * @param requestTimeoutMs {@code replica.socket.timeout.ms}
 * @param receiveBufferBytes {@code replica.socket.receive.buffer.bytes}
 */
public record FetcherConfig(
        int brokerId,
        ListenerName listener,
        SecurityProtocol protocol,
        AbstractConfig values,
        int numFetchers,
        int maxWaitMs,
        int minBytes,
        int responseMaxBytes,
        int partitionMaxBytes,
        int maxBackoffMs,
        int requestTimeoutMs,
        int receiveBufferBytes) {}
