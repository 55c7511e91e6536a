package io.millrace.admin.operation;

import java.net.URI;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * Answers a call that may take long: with its result, or, when the caller prefers that ({@code Prefer: respond-async},
 * RFC 7240), at once with 202 and where to look.
 */
@Component
public final class LongWork {
    private static final String ASYNC = "respond-async";
    private final Operations operations;

    LongWork(Operations operations) {
        this.operations = operations;
    }

    public static boolean preferred(@Nullable String prefer) {
        return prefer != null
                && Arrays.stream(prefer.split(",")).map(String::strip).anyMatch(ASYNC::equalsIgnoreCase);
    }

    public ResponseEntity<Object> answer(
            @Nullable String prefer, String cluster, String kind, String resource, Work work)
            throws InterruptedException {
        if (!preferred(prefer)) return ResponseEntity.ok(work.run(Work.Report.NOBODY));
        Operation started = operations.start(cluster, kind, resource, work);
        return ResponseEntity.status(HttpStatus.ACCEPTED)
                .location(at(started))
                .header("Preference-Applied", ASYNC)
                .body(started);
    }

    /** Where an operation is looked at. */
    public static URI at(Operation operation) {
        return URI.create("/api/v1/clusters/" + operation.cluster() + "/operations/" + operation.id());
    }
}
