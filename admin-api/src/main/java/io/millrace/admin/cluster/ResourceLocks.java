package io.millrace.admin.cluster;

import io.millrace.admin.problem.ApiException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Lets one change of a resource be made after the other, so that what a change was checked against is still so when it is made.
 * Kafka has no such thing as "change this if it is still that": other programs, and another process of this API, are not held back.
 *
 * <p>{@value #STRIPES} locks stand for all resources; two that share one wait for each other, which costs time and nothing else.
 */
@Component
public final class ResourceLocks {
    private static final int STRIPES = 128;
    private final ReentrantLock[] locks =
            Stream.generate(ReentrantLock::new).limit(STRIPES).toArray(ReentrantLock[]::new);

    /** Does something while nobody else here changes the resource; waits for others twice as long as a cluster may take to answer. */
    public <T> T changing(Cluster cluster, String resource, Supplier<T> change) {
        ReentrantLock lock = locks[Math.floorMod((cluster.id() + '/' + resource).hashCode(), STRIPES)];
        try {
            if (!lock.tryLock(2 * cluster.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)) throw busy(resource);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping.");
        }
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    private static ApiException busy(String resource) {
        return new ApiException(
                HttpStatus.CONFLICT,
                "CHANGE_IN_PROGRESS",
                "other changes of " + resource + " are under way and take long; ask again soon",
                true,
                Map.of(),
                null);
    }
}
