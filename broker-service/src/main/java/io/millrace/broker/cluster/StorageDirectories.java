package io.millrace.broker.cluster;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * What the {@code meta.properties} of a node's directories say. Immutable.
 *
 * @param directoryIds directory id of every usable directory, the metadata log's included
 * @param unreadable directories whose {@code meta.properties} could not be read
 */
public record StorageDirectories(
        String clusterId, int nodeId, Path metadataLogDir, Map<Path, Uuid> directoryIds, Set<Path> unreadable) {

    public StorageDirectories {
        directoryIds = Map.copyOf(directoryIds);
        unreadable = Set.copyOf(unreadable);
    }
}
