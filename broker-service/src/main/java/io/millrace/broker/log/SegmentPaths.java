package io.millrace.broker.log;

import java.nio.file.Path;
import java.util.List;

/** Where the files of one segment lie now; follows renames of the log's directory and of the files themselves. Any thread. */
final class SegmentPaths {

    private final long baseOffset;
    private volatile Path directory;

    /** What the files' names end with behind Kafka's own: nothing for a segment that is in use. */
    private volatile String suffix;

    SegmentPaths(Path directory, long baseOffset, String suffix) {
        this.directory = directory;
        this.baseOffset = baseOffset;
        this.suffix = suffix;
    }

    Path directory() {
        return directory;
    }

    void movedTo(Path newDirectory) {
        directory = newDirectory;
    }

    void renamedTo(String newSuffix) {
        suffix = newSuffix;
    }

    /** The segment is out of use; one with the same names may follow it. */
    boolean areToBeDeleted() {
        return suffix.equals(LogFileNames.DELETED);
    }

    Path log() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.LOG + suffix);
    }

    Path offsetIndex() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.OFFSET_INDEX + suffix);
    }

    Path timeIndex() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.TIME_INDEX + suffix);
    }

    Path transactionIndex() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.TRANSACTION_INDEX + suffix);
    }

    List<Path> indexes() {
        return List.of(offsetIndex(), timeIndex(), transactionIndex());
    }
}
