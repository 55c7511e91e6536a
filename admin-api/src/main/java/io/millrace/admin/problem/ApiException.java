package io.millrace.admin.problem;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A failure that the caller is to be told about: status, stable code, and a sentence that says what to do. */
public final class ApiException extends RuntimeException {
    private final HttpStatus status;
    private final String code;
    private final boolean retriable;
    private final Map<String, Object> members;

    /** {@code members} are extension members of the problem, shown to the caller as they are. */
    public ApiException(
            HttpStatus status,
            String code,
            String detail,
            boolean retriable,
            Map<String, Object> members,
            @Nullable Throwable cause) {
        super(detail, cause);
        this.status = status;
        this.code = code;
        this.retriable = retriable;
        this.members = Map.copyOf(members);
    }

    public ApiException(HttpStatus status, String code, String detail) {
        this(status, code, detail, false, Map.of(), null);
    }

    public static ApiException badRequest(String code, String detail) {
        return new ApiException(HttpStatus.BAD_REQUEST, code, detail);
    }

    public static ApiException notFound(String code, String detail) {
        return new ApiException(HttpStatus.NOT_FOUND, code, detail);
    }

    public static ApiException conflict(String code, String detail) {
        return new ApiException(HttpStatus.CONFLICT, code, detail);
    }

    public HttpStatus status() {
        return status;
    }

    public String code() {
        return code;
    }

    public boolean retriable() {
        return retriable;
    }

    public Map<String, Object> members() {
        return members;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }
}
