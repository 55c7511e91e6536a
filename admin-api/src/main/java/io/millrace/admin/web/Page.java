package io.millrace.admin.web;

import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.problem.ApiException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One page of a list, how to get the next, and what could not be read. */
public record Page<T>(List<T> items, PageInfo page, List<Warning> warnings) {
    public static final int MAX_LIMIT = 1_000;

    /**
     * Where this page stands.
     *
     * @param next cursor of the next page; absent on the last
     * @param total items in the whole filtered list
     * @param asOf when the snapshot was taken
     */
    public record PageInfo(@Nullable String next, int total, Instant asOf) {}

    /** Cuts the page after {@code cursor} out of a sorted list; it stays in place when items before it come and go. */
    public static <T> Page<T> of(
            List<T> sorted,
            Function<T, String> key,
            int limit,
            @Nullable String cursor,
            Instant asOf,
            List<Warning> warnings) {
        checkLimit(limit, MAX_LIMIT);
        int from = cursor == null ? 0 : positionAfter(sorted, key, cursor);
        int to = Math.min(sorted.size(), from + limit);
        String next = to < sorted.size() ? encode(to, key.apply(sorted.get(to - 1))) : null;
        return new Page<>(List.copyOf(sorted.subList(from, to)), new PageInfo(next, sorted.size(), asOf), warnings);
    }

    public static void checkLimit(int limit, int most) {
        if (limit < 1 || limit > most) {
            throw ApiException.badRequest("INVALID_LIMIT", "limit is " + limit + "; it must be between 1 and " + most);
        }
    }

    /** Refuses a filter that the list does not know: it would be as if there were none. */
    public static void checkFilter(String filter, List<String> known) {
        if (!filter.isEmpty() && !known.contains(filter)) {
            throw ApiException.badRequest(
                    "UNKNOWN_FILTER", "there is no filter '" + filter + "'; known are: " + String.join(", ", known));
        }
    }

    /** The same page with each item shown in another way. */
    public <R> Page<R> map(Function<T, R> shown) {
        return new Page<>(items.stream().map(shown).toList(), page, warnings);
    }

    /** A comparator from {@code sort}: a field's name, with a leading '-' for descending. */
    public static <T> Comparator<T> order(String sort, Map<String, Comparator<T>> fields, Comparator<T> tieBreak) {
        boolean descending = sort.startsWith("-");
        Comparator<T> order = fields.get(descending ? sort.substring(1) : sort);
        if (order == null) {
            throw ApiException.badRequest(
                    "UNKNOWN_SORT",
                    "cannot sort by '" + sort + "'; known are: "
                            + String.join(
                                    ", ", fields.keySet().stream().sorted().toList()));
        }
        return (descending ? order.reversed() : order).thenComparing(tieBreak);
    }

    /** Checks what a list is asked to bring along: names with commas between them. */
    public static Set<String> include(String include, List<String> known) {
        Set<String> wanted = new TreeSet<>();
        for (String name : include.split(",", -1)) if (!name.isBlank()) wanted.add(name.strip());
        for (String name : wanted) {
            if (!known.contains(name)) {
                throw ApiException.badRequest(
                        "UNKNOWN_INCLUDE", "cannot include '" + name + "'; known are: " + String.join(", ", known));
            }
        }
        return wanted;
    }

    private static String encode(int index, String lastKey) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((index + ":" + lastKey).getBytes(StandardCharsets.UTF_8));
    }

    private static <T> int positionAfter(List<T> sorted, Function<T, String> key, String cursor) {
        String text;
        int index;
        String lastKey;
        try {
            text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            index = Integer.parseInt(text.substring(0, colon));
            lastKey = text.substring(colon + 1);
        } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
            throw new ApiException(
                    org.springframework.http.HttpStatus.BAD_REQUEST,
                    "INVALID_CURSOR",
                    "the cursor is not one that this API gave out; start again without it",
                    false,
                    Map.of(),
                    malformed);
        }
        for (int i = 0; i < sorted.size(); i++) {
            if (key.apply(sorted.get(i)).equals(lastKey)) return i + 1;
        }
        return Math.clamp(index, 0, sorted.size());
    }
}
