package io.millrace.admin.mask;

import io.millrace.admin.mask.MaskingProperties.Rule;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * The masks of all topics. Whoever reads records for a caller applies the topic's mask before anything else, filters
 * included: a filter that saw what is masked could be asked until it has told everything.
 */
@Component
public final class Masking {
    private final List<OfTopics> rules;

    private record OfTopics(Pattern topics, Rule rule) {}

    Masking(MaskingProperties properties) {
        rules = properties.rules().stream()
                .map(rule -> new OfTopics(Pattern.compile(String.valueOf(rule.topics())), rule))
                .toList();
    }

    public RecordMask of(String topic) {
        return new RecordMask(rulesFor(topic));
    }

    /** Whether everything that is masked in one topic is masked in the other, so that records may be copied to it. */
    public boolean masksAtLeast(String source, String target) {
        return rulesFor(target).containsAll(rulesFor(source));
    }

    private List<Rule> rulesFor(String topic) {
        return rules.stream()
                .filter(rule -> rule.topics().matcher(topic).matches())
                .map(OfTopics::rule)
                .toList();
    }
}
