package io.millrace.admin.operation;

import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents an endpoint whose callers may prefer not to wait; {@link LongWork} answers for it. */
@ApiResponse(
        responseCode = "202",
        description = "Begun, because the caller prefers not to wait: the Operation, which Location names",
        content = @Content(schema = @Schema(implementation = Operation.class)))
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface AnswersLater {}
