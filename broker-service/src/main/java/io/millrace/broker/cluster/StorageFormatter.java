package io.millrace.broker.cluster;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Formats a node's directories as {@code kafka-storage format} does, and reads what was formatted. Any thread, no state. */
public final class StorageFormatter {

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
        throw new UnsupportedOperationException();
    }

    /** A new random cluster id. */
    public static String randomClusterId() {
        return org.apache.kafka.common.Uuid.randomUuid().toString();
    }

    /** Whether none of these directories has been formatted, so that a first start may format them. */
    public static boolean unformatted(Set<Path> logDirs, Path metadataLogDir) throws StorageException {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads and checks the {@code meta.properties} of a node's directories.
     *
     * @throws StorageException with one line to show: not formatted, another node's, of another cluster
     */
    public static StorageDirectories load(Set<Path> logDirs, Path metadataLogDir, int nodeId) throws StorageException {
        throw new UnsupportedOperationException();
    }
}
