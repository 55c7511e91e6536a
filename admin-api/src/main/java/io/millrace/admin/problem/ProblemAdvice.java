package io.millrace.admin.problem;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Answers every exception that leaves a controller with a problem; stack traces go to the log, never to the caller. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> apiFailure(ApiException failure) {
        return respond(failure);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> kafkaFailure(KafkaException failure) {
        return respond(KafkaProblems.of(failure));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> wrongType(MethodArgumentTypeMismatchException failure) {
        Class<?> wanted = failure.getRequiredType();
        String kind = wanted == null ? "another type" : wanted.getSimpleName().toLowerCase(Locale.ROOT);
        return respond(ApiException.badRequest(
                "WRONG_TYPE",
                "parameter '" + failure.getName() + "' is '" + failure.getValue() + "', which is not a valid " + kind));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unexpected(Exception failure) {
        LOG.error("a request failed in a way nobody foresaw", failure);
        return respond(new ApiException(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "INTERNAL_ERROR",
                "The admin API failed unexpectedly; its log has the details. Please report it."));
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException failure, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail body = failure.getBody();
        List<Map<String, String>> errors = failure.getBindingResult().getFieldErrors().stream()
                .map(ProblemAdvice::fieldProblem)
                .toList();
        body.setDetail("The request has " + errors.size() + " invalid field" + (errors.size() == 1 ? "" : "s")
                + ": see 'errors'.");
        body.setProperty("errors", errors);
        body.setProperty("code", "INVALID_FIELDS");
        return handleExceptionInternal(failure, body, headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception failure, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail problem = body instanceof ProblemDetail given ? given : ProblemDetail.forStatus(status);
        addDefaults(problem, status);
        HttpHeaders answer = new HttpHeaders(headers);
        answer.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return super.handleExceptionInternal(failure, problem, answer, status, request);
    }

    static void addDefaults(ProblemDetail problem, HttpStatusCode status) {
        Map<String, Object> properties = problem.getProperties();
        if (properties == null || !properties.containsKey("code")) {
            HttpStatus known = HttpStatus.resolve(status.value());
            problem.setProperty("code", known == null ? "HTTP_" + status.value() : known.name());
        }
        if (problem.getDetail() == null || problem.getDetail().isBlank()) {
            problem.setDetail(problem.getTitle() + "; /swagger-ui.html shows what this API takes");
        }
        if (properties == null || !properties.containsKey("retriable")) {
            problem.setProperty("retriable", status.value() == 503 || status.value() == 429);
        }
    }

    private static Map<String, String> fieldProblem(FieldError error) {
        return Map.of(
                "pointer",
                "/" + error.getField().replace('.', '/'),
                "detail",
                String.valueOf(error.getDefaultMessage()));
    }

    private static ResponseEntity<ProblemDetail> respond(ApiException failure) {
        return ResponseEntity.status(failure.status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(toProblem(failure));
    }

    static ProblemDetail toProblem(ApiException failure) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(failure.status(), failure.detail());
        problem.setProperty("code", failure.code());
        problem.setProperty("retriable", failure.retriable());
        failure.members().forEach(problem::setProperty);
        return problem;
    }
}
