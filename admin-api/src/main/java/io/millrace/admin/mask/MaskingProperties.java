package io.millrace.admin.mask;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What {@code millrace.masking.} says: the rules, which all apply, in their order. */
@ConfigurationProperties("millrace.masking")
record MaskingProperties(@DefaultValue List<Rule> rules) {

    /** Which part of a record a rule is about. */
    enum Part {
        KEY,
        VALUE,
        HEADERS
    }

    /**
     * One rule.
     *
     * @param topics the topics' names, as a regular expression that must match the whole name
     * @param headers with part HEADERS, the headers' names, as a regular expression; all of them without one
     * @param paths what to mask within JSON: names with dots between them, '*' for every member or element, '**' for any
     *     depth; without paths, and where there is no JSON, the whole part is masked
     * @param replacement what is shown instead
     */
    record Rule(
            @Nullable String topics,
            @DefaultValue("value") Part part,
            @DefaultValue(".*") String headers,
            @DefaultValue List<String> paths,
            @DefaultValue("***") String replacement) {
        Rule {
            if (topics == null)
                throw new IllegalArgumentException(
                        "millrace.masking.rules has a rule without 'topics'; give a regular expression, '.*' for all topics");
            check("topics", topics);
            check("headers", headers);
            for (String path : paths) {
                if (path.isBlank() || List.of(path.split("\\.", -1)).contains(""))
                    throw new IllegalArgumentException("millrace.masking.rules has the path '" + path
                            + "'; write names with dots between them, such as customer.email or items.*.card");
            }
            paths = List.copyOf(paths);
        }

        private static void check(String key, String regex) {
            try {
                Pattern.compile(regex);
            } catch (PatternSyntaxException malformed) {
                throw new IllegalArgumentException(
                        "millrace.masking.rules has " + key + "='" + regex + "', which is not a regular expression: "
                                + malformed.getDescription(),
                        malformed);
            }
        }
    }
}
