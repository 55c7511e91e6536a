package io.millrace.admin.record;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.record.RecordScan.Range;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;

/** A scan's rest as opaque text: direction, and what is left of every partition. */
record RecordCursor(boolean backwards, Map<Integer, Range> remaining) {

    String encode() {
        StringBuilder text = new StringBuilder(backwards ? "b" : "f");
        remaining.forEach((partition, range) -> {
            if (!range.empty()) {
                text.append(';')
                        .append(partition)
                        .append(',')
                        .append(range.from())
                        .append(',')
                        .append(range.to());
            }
        });
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    static RecordCursor decode(String encoded) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
            Map<Integer, Range> remaining = new TreeMap<>();
            String[] parts = text.split(";", -1);
            for (int i = 1; i < parts.length; i++) {
                String[] numbers = parts[i].split(",", -1);
                long from = Long.parseLong(numbers[1]);
                long to = Long.parseLong(numbers[2]);
                if (from < 0 || to < from) throw new NumberFormatException("a range that ends before it begins");
                remaining.put(Integer.parseInt(numbers[0]), new Range(from, to));
            }
            return new RecordCursor(parts[0].equals("b"), remaining);
        } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
            throw new ApiException(
                    HttpStatus.BAD_REQUEST,
                    "INVALID_CURSOR",
                    "the cursor is not one that this API gave out; start again without it",
                    false,
                    Map.of(),
                    malformed);
        }
    }
}
