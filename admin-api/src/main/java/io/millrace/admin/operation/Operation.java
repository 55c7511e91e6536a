package io.millrace.admin.operation;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Long work as its callers see it.
 *
 * @param version grows with every change; the id of the events of its stream
 * @param who started it
 * @param result what the call would have answered had it waited; absent until it succeeded
 * @param problem why it failed, or that it was cancelled, as an RFC 9457 problem
 */
public record Operation(
        String id,
        long version,
        String cluster,
        String kind,
        String resource,
        String who,
        State state,
        Progress progress,
        boolean cancellable,
        Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Object result,
        @Nullable Map<String, Object> problem) {

    public enum State {
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    /** How far it is; the unit says of what, for example "records". The total is absent while it is not known. */
    public record Progress(long done, @Nullable Long total, String unit) {}

    boolean finished() {
        return state != State.RUNNING;
    }
}
