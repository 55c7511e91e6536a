package io.millrace.broker.config;

import java.util.List;
import java.util.Optional;

/** Kafka's keys that this version cannot honour: set to anything but their default they are refused or warned about, never silently taken. */
final class UnservedKeys {

    /** Why a key has no effect, and whether starting without its effect would be wrong. */
    record Unserved(boolean refused, String reason) {}

    /** {@code pattern} is a key, or a beginning of keys when it ends with an asterisk. */
    private record Rule(String pattern, Unserved unserved) {
        boolean covers(String key) {
            return pattern.endsWith("*")
                    ? key.startsWith(pattern.substring(0, pattern.length() - 1))
                    : key.equals(pattern);
        }
    }

    private static final String ONE_LOOP_PER_CORE =
            "requests run on one event loop per core, without queues between threads";

    private static final List<Rule> RULES = List.of(
            refused(
                    "authorizer.class.name",
                    "authorisation is not supported yet, and without it everybody may do everything"),
            refused("remote.log.storage.system.enable", "tiered storage is not supported yet"),
            refused("config.providers", "configuration providers are not supported yet; write the value itself"),
            refused("create.topic.policy.class.name", "policies are not supported yet"),
            refused("alter.config.policy.class.name", "policies are not supported yet"),
            refused("client.quota.callback.class", "quota callbacks are not supported yet"),
            refused("principal.builder.class", "principal builders are not supported yet"),
            refused("security.providers", "security providers are not supported yet"),
            refused("cordoned.log.dirs", "cordoned log directories are not supported yet"),
            refused("transaction.two.phase.commit.enable", "two-phase commit is not supported yet"),
            warned("super.users", "authorisation is not supported yet"),
            warned("allow.everyone.if.no.acl.found", "authorisation is not supported yet"),
            warned("ssl.*", "TLS is not supported yet"),
            warned("sasl.*", "SASL is not supported yet"),
            warned("listener.name.*", "settings for a single listener are not supported yet"),
            warned("delegation.token.*", "delegation tokens are not supported yet"),
            warned("connections.max.reauth.ms", "SASL is not supported yet"),
            warned("remote.*", "tiered storage is not supported yet"),
            warned("log.local.retention.*", "tiered storage is not supported yet"),
            warned("follower.fetch.last.tiered.offset.enable", "tiered storage is not supported yet"),
            warned(
                    "group.consumer.assignor.offload.enable",
                    "assignments are computed on the event loop of their group"),
            warned("transaction.abort.timed.out.*", "transactions are not supported yet"),
            warned("transactional.id.*", "transactions are not supported yet"),
            warned("group.share.*", "share groups are not supported yet"),
            warned("share.*", "share groups are not supported yet"),
            warned("group.streams.*", "streams groups are not supported yet"),
            warned("metric.reporters", "metrics are offered over HTTP in Prometheus' format, not to reporter classes"),
            warned("kafka.metrics.*", "metrics are offered over HTTP in Prometheus' format, not to reporter classes"),
            warned("metrics.*", "metrics are offered over HTTP in Prometheus' format"),
            warned("num.io.threads", ONE_LOOP_PER_CORE),
            warned("num.network.threads", ONE_LOOP_PER_CORE),
            warned("queued.max.*", ONE_LOOP_PER_CORE),
            warned("background.threads", ONE_LOOP_PER_CORE),
            warned("group.coordinator.threads", ONE_LOOP_PER_CORE),
            warned("group.coordinator.background.threads", ONE_LOOP_PER_CORE),
            warned("fetch.purgatory.purge.interval.requests", "there is no purgatory"),
            warned("producer.purgatory.purge.interval.requests", "there is no purgatory"),
            warned("delete.records.purgatory.purge.interval.requests", "there is no purgatory"));

    private UnservedKeys() {}

    static Optional<Unserved> find(String key) {
        return RULES.stream()
                .filter(rule -> rule.covers(key))
                .map(Rule::unserved)
                .findFirst();
    }

    private static Rule refused(String pattern, String reason) {
        return new Rule(pattern, new Unserved(true, reason));
    }

    private static Rule warned(String pattern, String reason) {
        return new Rule(pattern, new Unserved(false, reason));
    }
}
