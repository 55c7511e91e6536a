package io.millrace.broker.cluster;

import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.VerificationFlag;
import org.apache.kafka.metadata.properties.MetaPropertiesVersion;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.DynamicVoters;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/** Formats a node's directories as {@code kafka-storage format} does, and reads what was formatted. Any thread, no state. */
public final class StorageFormatter {

    private static final Pattern PARTITION = Pattern.compile(".+-[0-9]+");

    private StorageFormatter() {}

    /**
     * What to format.
     *
     * @param logDirs every log directory; {@code metadataLogDir} need not be among them
     * @param initialControllers {@code id@host:port:directoryId,…} of a dynamic quorum; null for none
     * @param standalone whether to become the single voter of a new dynamic quorum, at {@code standaloneEndpoint}
     * @param standaloneEndpoint host and port of this controller's first listener, needed with {@code standalone}
     * @param dynamicQuorum whether {@code controller.quorum.voters} is absent, so that the voters live in the metadata log
     * @param releaseVersion metadata version to start at, such as {@code 4.3-IV0}; null for the newest production version
     * @param featureLevels levels that differ from the release's
     * @param scramArguments as {@code --add-scram} takes them
     * @param ignoreFormatted whether directories that are formatted already are left alone instead of being an error
     */
    public record FormatRequest(
            int nodeId,
            String clusterId,
            Set<Path> logDirs,
            Path metadataLogDir,
            String controllerListenerName,
            @Nullable String initialControllers,
            boolean standalone,
            @Nullable String standaloneEndpoint,
            boolean dynamicQuorum,
            @Nullable String releaseVersion,
            Map<String, Short> featureLevels,
            List<String> scramArguments,
            boolean ignoreFormatted) {}

    /**
     * Writes {@code meta.properties} into every directory and the first metadata records; {@code out} gets kafka-storage's lines.
     *
     * @throws StorageException with one line to show, when the request or a directory does not allow it
     */
    public static void format(FormatRequest request, PrintStream out) throws StorageException {
        Formatter formatter = new Formatter()
                .setPrintStream(out)
                .setNodeId(request.nodeId())
                .setClusterId(request.clusterId())
                .setControllerListenerName(request.controllerListenerName())
                .setMetadataLogDirectory(request.metadataLogDir().toString())
                .setIgnoreFormatted(request.ignoreFormatted())
                .setScramArguments(request.scramArguments())
                .setHasDynamicQuorum(request.dynamicQuorum());
        directories(request.logDirs(), request.metadataLogDir()).forEach(formatter::addDirectory);
        try {
            if (request.releaseVersion() != null) {
                formatter.setReleaseVersion(MetadataVersion.fromVersionString(request.releaseVersion(), false));
            }
            request.featureLevels().forEach(formatter::setFeatureLevel);
            DynamicVoters voters = initialVoters(request);
            if (voters != null) {
                formatter.setInitialControllers(voters);
            }
            formatter.run();
        } catch (Exception e) {
            throw new StorageException(oneLine(e), e);
        }
    }

    private static @Nullable DynamicVoters initialVoters(FormatRequest request) throws StorageException {
        if (!request.standalone()) {
            return request.initialControllers() == null ? null : DynamicVoters.parse(request.initialControllers());
        }
        if (request.standaloneEndpoint() == null) {
            throw new StorageException(
                    "a standalone controller needs a controller listener; give it one in 'listeners'");
        }
        return DynamicVoters.parse(request.nodeId() + "@" + request.standaloneEndpoint() + ":"
                + RandomSource.system().nextUuid());
    }

    /** A new random cluster id. */
    public static String randomClusterId() {
        return RandomSource.system().nextUuid().toString();
    }

    /**
     * Whether none of these directories has been formatted, so that a first start may format them.
     *
     * @throws StorageException when one has partitions in it all the same: its {@code meta.properties} was lost
     */
    public static boolean unformatted(Set<Path> logDirs, Path metadataLogDir) throws StorageException {
        for (String directory : directories(logDirs, metadataLogDir)) {
            if (Files.exists(Path.of(directory, MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
                return false;
            }
        }
        for (String directory : directories(logDirs, metadataLogDir)) {
            String partition = firstPartition(Path.of(directory));
            if (partition != null) {
                throw new StorageException("directory " + directory + " holds partitions (such as " + partition
                        + ") but no meta.properties; restore that file, or format the directory on purpose");
            }
        }
        return true;
    }

    private static @Nullable String firstPartition(Path directory) throws StorageException {
        if (!Files.isDirectory(directory)) {
            return null;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .filter(name -> PARTITION.matcher(name).matches())
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new StorageException("directory " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads and checks the {@code meta.properties} of a node's directories; a directory that is new gets one, for a node may be
     * given another disk.
     *
     * @throws StorageException with one line to show: not formatted, another node's, of another cluster
     */
    public static StorageDirectories load(Set<Path> logDirs, Path metadataLogDir, int nodeId) throws StorageException {
        try {
            MetaPropertiesEnsemble found = new MetaPropertiesEnsemble.Loader()
                    .addLogDirs(directories(logDirs, metadataLogDir))
                    .addMetadataLogDir(metadataLogDir.toString())
                    .load();
            String clusterId = check(found, metadataLogDir, nodeId);
            found.verify(Optional.of(clusterId), OptionalInt.of(nodeId), EnumSet.noneOf(VerificationFlag.class));
            checkMetadataPlace(found, metadataLogDir);
            return identified(found, clusterId, nodeId, metadataLogDir);
        } catch (IOException | RuntimeException e) {
            throw new StorageException(oneLine(e), e);
        }
    }

    private static String check(MetaPropertiesEnsemble found, Path metadataLogDir, int nodeId) throws StorageException {
        String clusterId = null;
        String from = null;
        for (Map.Entry<String, MetaProperties> entry : new TreeMap<>(found.logDirProps()).entrySet()) {
            String directory = entry.getKey();
            MetaProperties properties = entry.getValue();
            int owner = properties.nodeId().orElse(nodeId);
            if (owner != nodeId) {
                throw new StorageException("directory " + directory + " belongs to node " + owner + ", but node.id is "
                        + nodeId + "; correct node.id or log.dirs");
            }
            String cluster = properties.clusterId().orElse(null);
            if (cluster != null && clusterId != null && !cluster.equals(clusterId)) {
                throw new StorageException("directory " + directory + " belongs to cluster " + cluster + ", but " + from
                        + " to cluster " + clusterId + "; a node's directories must be of one cluster");
            }
            if (cluster != null) {
                clusterId = cluster;
                from = directory;
            }
        }
        MetaProperties ofMetadata = found.logDirProps().get(metadataLogDir.toString());
        if (found.errorLogDirs().contains(metadataLogDir.toString())
                || (ofMetadata != null && ofMetadata.clusterId().isEmpty())) {
            throw new StorageException(
                    "the meta.properties in " + metadataLogDir + " cannot be read or lacks a valid version, cluster.id,"
                            + " node.id or directory.id; the metadata log is there. Put a good copy of the file back");
        }
        if (clusterId == null || ofMetadata == null) {
            throw new StorageException("directory " + metadataLogDir
                    + " is not formatted; run 'bin/millrace format -t CLUSTER_ID -c CONFIG' first");
        }
        return clusterId;
    }

    /** A metadata log outside the metadata directory was the quorum's once; starting without it could lose what was agreed. */
    private static void checkMetadataPlace(MetaPropertiesEnsemble found, Path metadataLogDir) throws StorageException {
        for (String directory : found.logDirProps().keySet()) {
            if (!directory.equals(metadataLogDir.toString())
                    && Files.exists(Path.of(directory, QuorumEngine.METADATA.toString()))) {
                throw new StorageException("found a metadata log in " + directory + ", but metadata.log.dir is "
                        + metadataLogDir + "; move " + QuorumEngine.METADATA + " there or correct the configuration");
            }
        }
    }

    private static StorageDirectories identified(
            MetaPropertiesEnsemble found, String clusterId, int nodeId, Path metadataLogDir) throws IOException {
        MetaPropertiesEnsemble.Copier copier = new MetaPropertiesEnsemble.Copier(found);
        found.nonFailedDirectoryProps().forEachRemaining(entry -> {
            MetaProperties.Builder properties = entry.getValue()
                    .map(MetaProperties.Builder::new)
                    .orElseGet(MetaProperties.Builder::new)
                    .setVersion(MetaPropertiesVersion.V1)
                    .setClusterId(clusterId)
                    .setNodeId(nodeId);
            if (properties.directoryId().isEmpty()) {
                properties.setDirectoryId(copier.generateValidDirectoryId());
            }
            copier.setLogDirProps(entry.getKey(), properties.build());
        });
        copier.writeLogDirChanges();
        Map<Path, Uuid> ids = new HashMap<>();
        copier.copy()
                .logDirProps()
                .forEach((directory, properties) ->
                        ids.put(Path.of(directory), properties.directoryId().orElseThrow()));
        Set<Path> unreadable = new HashSet<>();
        found.errorLogDirs().forEach(directory -> unreadable.add(Path.of(directory)));
        return new StorageDirectories(clusterId, nodeId, metadataLogDir, ids, unreadable);
    }

    private static Set<String> directories(Set<Path> logDirs, Path metadataLogDir) {
        Set<String> directories = new LinkedHashSet<>();
        logDirs.forEach(directory -> directories.add(directory.toString()));
        directories.add(metadataLogDir.toString());
        return directories;
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
