package io.millrace.broker.log;

import java.nio.file.Path;

/** Where the files of one segment lie now; follows renames of the log's directory. Any thread. */
final class SegmentPaths {

    private final long baseOffset;
    private volatile Path directory;

    SegmentPaths(Path directory, long baseOffset) {
        this.directory = directory;
        this.baseOffset = baseOffset;
    }

    Path directory() {
        return directory;
    }

    void movedTo(Path newDirectory) {
        directory = newDirectory;
    }

    Path log() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.LOG);
    }

    Path offsetIndex() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.OFFSET_INDEX);
    }

    Path timeIndex() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.TIME_INDEX);
    }

    Path transactionIndex() {
        return LogFileNames.file(directory, baseOffset, LogFileNames.TRANSACTION_INDEX);
    }
}
