package io.millrace.broker.boot;

import io.millrace.broker.cluster.StorageDirectories;
import io.millrace.broker.cluster.StorageException;
import io.millrace.broker.cluster.StorageFormatter;
import io.millrace.broker.config.NodeConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a node's data directories to the point where they can be used: identified, or formatted on a first start that may do so. */
final class NodeStorage {

    private static final Logger log = LoggerFactory.getLogger(NodeStorage.class);

    private NodeStorage() {}

    /** The directories must be locked. {@code environment} may name the cluster, as the container images do. */
    static StorageDirectories open(NodeConfig config, FirstStart firstStart, Map<String, String> environment) {
        Set<Path> logDirs = new LinkedHashSet<>(config.logDirs());
        try {
            if (StorageFormatter.unformatted(logDirs, config.metadataLogDir())) {
                String clusterId =
                        firstStart == FirstStart.FORMATS ? clusterIdForFirstStart(config, environment) : null;
                if (clusterId == null) {
                    throw new StorageException(unformatted(config, logDirs));
                }
                format(config, clusterId, logDirs);
            }
            return StorageFormatter.load(logDirs, config.metadataLogDir(), config.nodeId());
        } catch (StorageException e) {
            throw new StartFailure(e.getMessage() == null ? "the data directories cannot be used" : e.getMessage(), e);
        }
    }

    private static String unformatted(NodeConfig config, Set<Path> logDirs) {
        Set<String> directories = new LinkedHashSet<>();
        logDirs.forEach(directory -> directories.add(directory.toString()));
        directories.add(config.metadataLogDir().toString());
        return "not formatted, no meta.properties in " + String.join(", ", directories)
                + "; prepare a new node with 'bin/millrace format -t ID -c FILE' (its configuration), where ID is the"
                + " cluster's, or for a new cluster what 'bin/millrace random-uuid' prints";
    }

    /** Several nodes must agree on their cluster's id, so only a quorum of one may invent it. */
    private static @Nullable String clusterIdForFirstStart(NodeConfig config, Map<String, String> environment) {
        String named = environment.getOrDefault("CLUSTER_ID", environment.get("KAFKA_CLUSTER_ID"));
        if (named != null && !named.isBlank()) {
            return named.strip();
        }
        List<String> voters = config.list("controller.quorum.voters");
        boolean alone = config.isController() && voters.size() == 1;
        return alone ? Uuid.randomUuid().toString() : null;
    }

    private static void format(NodeConfig config, String clusterId, Set<Path> logDirs) throws StorageException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        StorageFormatter.format(
                new StorageFormatter.FormatRequest(
                        config.nodeId(),
                        clusterId,
                        logDirs,
                        config.metadataLogDir(),
                        config.listeners().controllers().getFirst().value(),
                        null,
                        false,
                        null,
                        false,
                        null,
                        Map.of(),
                        List.of(),
                        true),
                new PrintStream(lines, true, StandardCharsets.UTF_8));
        log.debug("{}", lines.toString(StandardCharsets.UTF_8));
        log.info("Formatted {} for the new cluster {}", logDirs, clusterId);
    }
}
