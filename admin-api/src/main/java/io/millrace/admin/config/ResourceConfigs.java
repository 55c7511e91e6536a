package io.millrace.admin.config;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ResourceLocks;
import io.millrace.admin.config.ConfigChanges.ConfigChange;
import io.millrace.admin.config.ConfigDifference.ConfigDelta;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.web.EntityTag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Reads configurations of topics and brokers, and changes them one change of a resource after the other. */
@Component
public final class ResourceConfigs {
    private static final Duration SHOWN_WITHIN = Duration.ofSeconds(2);
    private static final int REMEMBERED = 1_000;
    private final ResourceLocks locks;
    private final AuditLog audit;
    /** By cluster and resource, the tag that the last change made here replaced. Guarded by itself. */
    private final Map<String, String> replaced = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    ResourceConfigs(ResourceLocks locks, AuditLog audit) {
        this.locks = locks;
        this.audit = audit;
    }

    public record Configs(List<ConfigItem> items) {}

    /** The configuration with its ETag. */
    public ResponseEntity<Configs> tagged(Cluster cluster, ConfigResource resource) {
        List<ConfigItem> items = read(cluster, resource);
        return ResponseEntity.ok().eTag(tagOf(items)).body(new Configs(items));
    }

    /** Alphabetically. */
    public List<ConfigItem> read(Cluster cluster, ConfigResource resource) {
        Config config = Objects.requireNonNull(cluster.await(cluster.admin()
                        .describeConfigs(List.of(resource), new DescribeConfigsOptions().includeDocumentation(true))
                        .all())
                .get(resource));
        return config.entries().stream()
                .sorted(Comparator.comparing(ConfigEntry::name))
                .map(entry -> new ConfigItem(
                        entry.name(),
                        entry.isSensitive() ? null : entry.value(),
                        entry.source().name(),
                        entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG
                                || entry.source() == ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG,
                        entry.isSensitive(),
                        entry.isReadOnly(),
                        entry.type().name(),
                        entry.documentation()))
                .toList();
    }

    /**
     * Validates, and applies unless it is a dry run; the answer tells the values before and after. {@code ifMatch} names the
     * configuration that the changes are meant for.
     */
    public ConfigDifference alter(
            Cluster cluster, ConfigResource resource, ConfigChanges changes, @Nullable String ifMatch, boolean dryRun) {
        if (changes.changes().isEmpty()) {
            throw ApiException.badRequest("NO_CHANGES", "name at least one configuration key to change");
        }
        String name = resource.type().name().toLowerCase(Locale.ROOT) + " " + resource.name();
        return locks.changing(cluster, name, () -> change(cluster, resource, name, changes.changes(), ifMatch, dryRun));
    }

    private ConfigDifference change(
            Cluster cluster,
            ConfigResource resource,
            String name,
            List<ConfigChange> changes,
            @Nullable String ifMatch,
            boolean dryRun) {
        List<ConfigItem> before = current(cluster, resource, name);
        String tagBefore = tagOf(before);
        EntityTag.check(ifMatch, tagBefore, "the configuration of " + name);
        Collection<AlterConfigOp> operations = changes.stream()
                .map(change -> new AlterConfigOp(
                        new ConfigEntry(change.name(), change.value() == null ? "" : change.value()),
                        change.value() == null ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET))
                .toList();
        cluster.await(cluster.admin()
                .incrementalAlterConfigs(Map.of(resource, operations), new AlterConfigsOptions().validateOnly(dryRun))
                .all());
        ConfigDifference difference = difference(before, changes, !dryRun);
        if (dryRun) return difference;
        cluster.awaitShown(
                () -> {
                    List<ConfigItem> now = read(cluster, resource);
                    return !tagOf(now).equals(tagBefore) || changes.stream().allMatch(change -> isSet(now, change));
                },
                SHOWN_WITHIN);
        if (!changes.stream().allMatch(change -> isSet(before, change))) remember(cluster, name, tagBefore);
        boolean ofTopic = resource.type() == ConfigResource.Type.TOPIC;
        audit.record(
                cluster.id(),
                ofTopic ? "alter-topic-configs" : "alter-broker-configs",
                ofTopic ? resource.name() : name,
                difference.valuesBefore(),
                difference.valuesAfter());
        return difference;
    }

    /**
     * The configuration as the last change made here left it: a broker that does not show that change yet is asked again, but
     * not for ever, because somebody may have changed it back elsewhere.
     */
    private List<ConfigItem> current(Cluster cluster, ConfigResource resource, String name) {
        @Nullable String stale;
        synchronized (replaced) {
            stale = replaced.remove(cluster.id() + '/' + name);
        }
        AtomicReference<List<ConfigItem>> seen = new AtomicReference<>(read(cluster, resource));
        cluster.awaitShown(
                () -> {
                    if (!tagOf(seen.get()).equals(stale)) return true;
                    seen.set(read(cluster, resource));
                    return false;
                },
                SHOWN_WITHIN);
        return seen.get();
    }

    private void remember(Cluster cluster, String name, String tag) {
        synchronized (replaced) {
            replaced.put(cluster.id() + '/' + name, tag);
        }
    }

    /** Tells configurations apart by what is set where. */
    private static String tagOf(List<ConfigItem> items) {
        return EntityTag.of(items.stream()
                .map(item -> item.name() + '=' + item.value() + ' ' + item.source())
                .toList());
    }

    private static boolean isSet(List<ConfigItem> items, ConfigChange change) {
        return items.stream()
                .filter(item -> item.name().equals(change.name()))
                .allMatch(item -> change.value() == null
                        ? !item.overridden()
                        : item.sensitive() || Objects.equals(item.value(), change.value()));
    }

    private static ConfigDifference difference(List<ConfigItem> before, List<ConfigChange> changes, boolean applied) {
        List<ConfigDelta> deltas = new ArrayList<>();
        for (ConfigChange change : changes) {
            String old = before.stream()
                    .filter(item -> item.name().equals(change.name()))
                    .findFirst()
                    .map(ConfigItem::value)
                    .orElse(null);
            deltas.add(new ConfigDelta(change.name(), old, change.value()));
        }
        return new ConfigDifference(applied, deltas);
    }
}
