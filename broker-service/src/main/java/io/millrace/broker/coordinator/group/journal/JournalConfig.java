package io.millrace.broker.coordinator.group.journal;

import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * What the group journal needs of the node's configuration.
 *
 * @param enabled {@code millrace.group.journal.enable}
 * @param partitions {@code millrace.group.journal.num.partitions}, when the topic is created
 * @param replicationFactor {@code millrace.group.journal.replication.factor}, when the topic is created
 * @param retentionMs {@code millrace.group.journal.retention.ms}, when the topic is created; -1 for ever
 * @param retentionBytes {@code millrace.group.journal.retention.bytes} of a partition, when the topic is created; -1 without limit
 * @param listener the listener by which brokers talk to each other
 * @param protocol how that listener is secured
 */
public record JournalConfig(
        boolean enabled,
        int partitions,
        short replicationFactor,
        long retentionMs,
        long retentionBytes,
        ListenerName listener,
        SecurityProtocol protocol) {}
