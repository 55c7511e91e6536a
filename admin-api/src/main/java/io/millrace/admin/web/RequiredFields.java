package io.millrace.admin.web;

import io.millrace.admin.problem.ApiException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpStatus;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/** Holds request bodies to their records: what is not {@code @Nullable} must be there. The document says the same. */
@RestControllerAdvice
final class RequiredFields extends RequestBodyAdviceAdapter {

    @Override
    public boolean supports(
            MethodParameter parameter, Type target, Class<? extends HttpMessageConverter<?>> converter) {
        return parameter.getParameterType().isRecord();
    }

    @Override
    public Object afterBodyRead(
            Object body,
            HttpInputMessage message,
            MethodParameter parameter,
            Type target,
            Class<? extends HttpMessageConverter<?>> converter) {
        List<Map<String, String>> missing = new ArrayList<>();
        check(body, "", missing);
        if (missing.isEmpty()) return body;
        throw new ApiException(
                HttpStatus.BAD_REQUEST,
                "INVALID_FIELDS",
                "the request lacks "
                        + String.join(
                                ", ",
                                missing.stream().map(one -> one.get("pointer")).toList()),
                false,
                Map.of("errors", missing),
                null);
    }

    private static void check(@Nullable Object value, String pointer, List<Map<String, String>> missing) {
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) required(list.get(i), pointer + "/" + i, missing);
        } else if (value instanceof Record && value.getClass().isRecord()) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                String name = pointer + "/" + component.getName();
                Object field = read(component, value);
                if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) check(field, name, missing);
                else required(field, name, missing);
            }
        }
    }

    private static void required(@Nullable Object value, String pointer, List<Map<String, String>> missing) {
        if (value == null) missing.add(Map.of("pointer", pointer, "detail", "must be given"));
        else check(value, pointer, missing);
    }

    private static @Nullable Object read(RecordComponent component, Object value) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("a record's component could not be read", impossible);
        }
    }
}
