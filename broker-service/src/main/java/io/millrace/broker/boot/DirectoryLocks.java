package io.millrace.broker.boot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process's exclusive hold on its data directories, by Kafka's {@code .lock} file in each; no other broker can use them. */
final class DirectoryLocks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DirectoryLocks.class);
    private static final String FILE_NAME = ".lock";

    private final List<FileChannel> files = new ArrayList<>();

    /** Creates what does not exist and locks all; on failure none stays locked. */
    static DirectoryLocks take(Collection<Path> directories) {
        DirectoryLocks locks = new DirectoryLocks();
        try {
            for (Path directory : new LinkedHashSet<>(directories)) {
                locks.lock(directory);
            }
            return locks;
        } catch (StartFailure e) {
            locks.close();
            throw e;
        }
    }

    private void lock(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel file =
                    FileChannel.open(directory.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            files.add(file);
            FileLock lock = file.tryLock();
            if (lock == null) {
                throw new StartFailure("data directory " + directory + " is in use by another process (it holds "
                        + FILE_NAME + "); stop that one or choose another directory");
            }
        } catch (OverlappingFileLockException e) {
            throw new StartFailure("data directory " + directory + " is already in use by this process", e);
        } catch (FileAlreadyExistsException e) {
            throw new StartFailure("data directory " + directory + " is not a directory", e);
        } catch (AccessDeniedException e) {
            throw new StartFailure(
                    "data directory " + directory + " cannot be written: permission denied for " + e.getFile(), e);
        } catch (IOException e) {
            throw new StartFailure("data directory " + directory + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        for (FileChannel file : files) {
            try {
                file.close();
            } catch (IOException e) {
                log.warn("Could not release a lock file: {}", e.getMessage());
            }
        }
    }
}
