package io.millrace.admin.record;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.millrace.admin.mask.ShownRecord;
import io.millrace.admin.mask.ShownRecord.Content;
import io.millrace.admin.problem.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which records to show: those that contain a text, and for which a CEL expression is true.
 *
 * <p>CEL cannot loop without an end, call out, or change anything; an expression is at most {@value #MAX_LENGTH}
 * characters, and looks at no more than {@value #MAX_ITERATIONS} elements of lists and maps a record. Its variables:
 * {@code key}, {@code value} (text; JSON where a schema tells how to decode), {@code json} (the value parsed; an empty map where it is no JSON; members that are
 * null are left out), {@code headers}, {@code partition}, {@code offset}, {@code timestampMs}.
 *
 * <p>Used by one thread.
 */
final class RecordFilter {
    private static final int MAX_LENGTH = 2_000;
    private static final int MAX_ITERATIONS = 10_000;
    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxParseRecursionDepth(50)
            .build();
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .build();

    private final String lowerCaseText;
    private final CelRuntime.@Nullable Program program;
    private final boolean readsJson;
    private long failures;

    private RecordFilter(String lowerCaseText, CelRuntime.@Nullable Program program, boolean readsJson) {
        this.lowerCaseText = lowerCaseText;
        this.program = program;
        this.readsJson = readsJson;
    }

    /** Both may be empty, which lets every record pass. */
    static RecordFilter of(String text, String cel) {
        String lowerCaseText = text.toLowerCase(Locale.ROOT);
        if (cel.isBlank()) return new RecordFilter(lowerCaseText, null, false);
        if (cel.length() > MAX_LENGTH) {
            throw invalid("it has " + cel.length() + " characters; at most " + MAX_LENGTH + " are taken", null);
        }
        CelCompiler compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar("key", SimpleType.STRING)
                .addVar("value", SimpleType.STRING)
                .addVar("json", SimpleType.DYN)
                .addVar("headers", MapType.create(SimpleType.STRING, SimpleType.STRING))
                .addVar("partition", SimpleType.INT)
                .addVar("offset", SimpleType.INT)
                .addVar("timestampMs", SimpleType.INT)
                .setResultType(SimpleType.BOOL)
                .build();
        CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .build();
        try {
            return new RecordFilter(
                    lowerCaseText, runtime.createProgram(compiler.compile(cel).getAst()), cel.contains("json"));
        } catch (CelValidationException | CelEvaluationException wrong) {
            throw invalid(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static ApiException invalid(String why, @Nullable Throwable cause) {
        return new ApiException(
                HttpStatus.BAD_REQUEST,
                "INVALID_FILTER",
                "the CEL filter cannot be used: " + why,
                false,
                Map.of(),
                cause);
    }

    /** Records for which the expression had no answer, for example because a member is missing; they do not match. */
    long failures() {
        return failures;
    }

    boolean matches(ShownRecord record) {
        if (!containsText(record)) return false;
        if (program == null) return true;
        try {
            return Boolean.TRUE.equals(program.eval(variables(record)));
        } catch (CelEvaluationException noAnswer) {
            failures++;
            return false;
        }
    }

    /** Whether key, value or a header contains the text, whatever its case. */
    private boolean containsText(ShownRecord record) {
        if (lowerCaseText.isEmpty()) return true;
        if (contains(text(record.key())) || contains(text(record.value()))) return true;
        for (Header header : record.headers()) {
            if (contains(header.key()) || contains(text(header))) return true;
        }
        return false;
    }

    private boolean contains(String text) {
        return text.toLowerCase(Locale.ROOT).contains(lowerCaseText);
    }

    private static String text(@Nullable Content content) {
        return content == null ? "" : content.text();
    }

    private static String text(Header header) {
        return header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private Map<String, Object> variables(ShownRecord record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) headers.put(header.key(), text(header));
        String value = text(record.value());
        Map<String, Object> variables = new HashMap<>();
        variables.put("key", text(record.key()));
        variables.put("value", value);
        variables.put("json", readsJson ? parsed(value) : ImmutableMap.of());
        variables.put("headers", headers);
        variables.put("partition", (long) record.partition());
        variables.put("offset", record.offset());
        variables.put("timestampMs", record.timestampMs());
        return variables;
    }

    private static Object parsed(String value) {
        try {
            Object parsed = JSON.readValue(value, Object.class);
            return parsed == null ? Map.of() : withoutNulls(parsed);
        } catch (JacksonException notJson) {
            return Map.of();
        }
    }

    private static Object withoutNulls(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> result = new LinkedHashMap<>();
            map.forEach((name, member) -> {
                if (member != null) result.put(String.valueOf(name), withoutNulls(member));
            });
            return result;
        }
        if (value instanceof List<?> list) {
            return list.stream()
                    .filter(java.util.Objects::nonNull)
                    .map(RecordFilter::withoutNulls)
                    .toList();
        }
        // Beyond int64 a whole number is compared as CEL compares doubles.
        return value instanceof java.math.BigInteger large ? (Object) large.doubleValue() : value;
    }
}
