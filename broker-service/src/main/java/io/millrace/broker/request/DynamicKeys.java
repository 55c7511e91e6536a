package io.millrace.broker.request;

import java.util.Set;

/** Which of a node's keys may be changed while it runs, for one broker or for all; every other key is read only. */
final class DynamicKeys {

    /** May be set for all brokers or for one. */
    private static final Set<String> CLUSTER_WIDE = Set.of(
            "background.threads",
            "compression.gzip.level",
            "compression.lz4.level",
            "compression.type",
            "compression.zstd.level",
            "config.providers",
            "follower.fetch.last.tiered.offset.enable",
            "follower.replication.throttled.rate",
            "group.consumer.assignment.interval.ms",
            "group.coordinator.cached.buffer.max.bytes",
            "group.share.assignment.interval.ms",
            "group.streams.assignment.interval.ms",
            "leader.replication.throttled.rate",
            "log.cleaner.backoff.ms",
            "log.cleaner.dedupe.buffer.size",
            "log.cleaner.delete.retention.ms",
            "log.cleaner.io.buffer.load.factor",
            "log.cleaner.io.buffer.size",
            "log.cleaner.io.max.bytes.per.second",
            "log.cleaner.max.compaction.lag.ms",
            "log.cleaner.min.cleanable.ratio",
            "log.cleaner.min.compaction.lag.ms",
            "log.cleaner.threads",
            "log.cleanup.policy",
            "log.flush.interval.messages",
            "log.flush.interval.ms",
            "log.index.interval.bytes",
            "log.index.size.max.bytes",
            "log.local.retention.bytes",
            "log.local.retention.ms",
            "log.message.timestamp.after.max.ms",
            "log.message.timestamp.before.max.ms",
            "log.message.timestamp.type",
            "log.preallocate",
            "log.retention.bytes",
            "log.retention.ms",
            "log.roll.jitter.ms",
            "log.roll.ms",
            "log.segment.bytes",
            "log.segment.delete.delay.ms",
            "max.connection.creation.rate",
            "max.connections",
            "max.connections.per.ip",
            "max.connections.per.ip.overrides",
            "message.max.bytes",
            "metric.reporters",
            "min.insync.replicas",
            "num.io.threads",
            "num.network.threads",
            "num.recovery.threads.per.data.dir",
            "num.replica.fetchers",
            "producer.id.expiration.ms",
            "remote.fetch.max.wait.ms",
            "remote.list.offsets.request.timeout.ms",
            "remote.log.index.file.cache.total.size.bytes",
            "remote.log.manager.copier.thread.pool.size",
            "remote.log.manager.copy.max.bytes.per.second",
            "remote.log.manager.expiration.thread.pool.size",
            "remote.log.manager.fetch.max.bytes.per.second",
            "remote.log.manager.follower.thread.pool.size",
            "remote.log.reader.threads",
            "replica.alter.log.dirs.io.max.bytes.per.second",
            "share.coordinator.cached.buffer.max.bytes",
            "transaction.partition.verification.enable",
            "unclean.leader.election.enable");

    /** Differ from broker to broker, so they may not be set for all. */
    private static final Set<String> PER_BROKER = Set.of(
            "cordoned.log.dirs",
            "listener.security.protocol.map",
            "listeners",
            "principal.builder.class",
            "sasl.enabled.mechanisms",
            "sasl.jaas.config",
            "sasl.kerberos.kinit.cmd",
            "sasl.kerberos.min.time.before.relogin",
            "sasl.kerberos.principal.to.local.rules",
            "sasl.kerberos.service.name",
            "sasl.kerberos.ticket.renew.jitter",
            "sasl.kerberos.ticket.renew.window.factor",
            "sasl.login.refresh.buffer.seconds",
            "sasl.login.refresh.min.period.seconds",
            "sasl.login.refresh.window.factor",
            "sasl.login.refresh.window.jitter",
            "sasl.mechanism.inter.broker.protocol",
            "ssl.cipher.suites",
            "ssl.client.auth",
            "ssl.enabled.protocols",
            "ssl.endpoint.identification.algorithm",
            "ssl.engine.factory.class",
            "ssl.key.password",
            "ssl.keymanager.algorithm",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.key",
            "ssl.keystore.location",
            "ssl.keystore.password",
            "ssl.keystore.type",
            "ssl.protocol",
            "ssl.provider",
            "ssl.secure.random.implementation",
            "ssl.trustmanager.algorithm",
            "ssl.truststore.certificates",
            "ssl.truststore.location",
            "ssl.truststore.password",
            "ssl.truststore.type");

    private DynamicKeys() {}

    static boolean isDynamic(String key) {
        return CLUSTER_WIDE.contains(key) || isPerBroker(key);
    }

    /** Keys of a single listener, {@code listener.name.NAME.KEY}, are per broker, too. */
    static boolean isPerBroker(String key) {
        if (PER_BROKER.contains(key)) {
            return true;
        }
        String inner = ConfigSources.synonyms(key).getLast();
        return !inner.equals(key) && PER_BROKER.contains(inner) && key.startsWith("listener.name.");
    }
}
