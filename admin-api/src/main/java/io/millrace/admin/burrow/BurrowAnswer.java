package io.millrace.admin.burrow;

import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

/** The one shape of all of Burrow's answers: error, message, what was asked for, and the request. */
final class BurrowAnswer {
    /** Not the API's own: Burrow's numbers are JSON numbers. */
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private BurrowAnswer() {}

    static ResponseEntity<String> of(
            HttpStatus status, HttpServletRequest request, boolean error, String message, Map<String, ?> more) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put("message", message);
        body.putAll(more);
        body.put("request", Map.of("url", request.getRequestURI(), "host", request.getServerName()));
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON.writeValueAsString(body));
    }
}
