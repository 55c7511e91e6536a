package io.millrace.broker.config;

import java.util.List;

/**
 * The node cannot start with the configuration it was given: one line per problem, each naming the key, its value and what is allowed,
 * and one for each key that would have been ignored.
 */
public final class InvalidConfiguration extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public InvalidConfiguration(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    public InvalidConfiguration(String problem) {
        this(List.of(problem));
    }

    public List<String> problems() {
        return problems;
    }
}
