package io.millrace.broker.boot;

import org.jspecify.annotations.Nullable;

/** The node cannot start or go on, for a reason that its user can do something about: the message is what to show. */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartFailure(String message) {
        super(message);
    }

    public StartFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
