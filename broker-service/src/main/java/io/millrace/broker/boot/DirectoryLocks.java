package io.millrace.broker.boot;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

    private final FileStore store;
    private final List<FileStore.Lock> locks = new ArrayList<>();

    private DirectoryLocks(FileStore store) {
        this.store = store;
    }

    /** Creates what does not exist and locks all; on failure none stays locked. */
    static DirectoryLocks take(FileStore store, Collection<Path> directories) {
        DirectoryLocks locks = new DirectoryLocks(store);
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
            store.createDirectories(directory);
        } catch (FileAlreadyExistsException e) {
            throw new StartFailure("data directory " + directory + " is not a directory", e);
        } catch (IOException e) {
            throw new StartFailure("data directory " + directory + " cannot be made: " + reason(e), e);
        }
        try {
            locks.add(store.lock(directory.resolve(FILE_NAME)));
        } catch (IOException e) {
            throw new StartFailure(
                    "data directory " + directory + " cannot be used: " + reason(e)
                            + "; stop the other process, or choose another directory with log.dirs or --data",
                    e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "permission denied for " + denied.getMessage();
            case NoSuchFileException missing -> missing.getMessage() + " does not exist and cannot be made there";
            default -> String.valueOf(e.getMessage());
        };
    }

    @Override
    public void close() {
        for (FileStore.Lock lock : locks) {
            try {
                lock.close();
            } catch (IOException e) {
                log.warn("Could not release a lock file: {}", e.getMessage());
            }
        }
        locks.clear();
    }
}
