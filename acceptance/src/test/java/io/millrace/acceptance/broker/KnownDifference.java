package io.millrace.acceptance.broker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Where Millrace is deliberately not like Apache Kafka; each is explained in {@code acceptance/docs/differences-from-apache.md}. */
public enum KnownDifference {
    /** A frame's length is announced before its bytes: Millrace allocates as they come, Apache Kafka at once. */
    ANNOUNCED_LENGTHS_ARE_NOT_ALLOCATED,
    /** A peer that breaks the protocol costs one log line with its address; Apache Kafka logs a stack trace, or nothing. */
    ONE_LOG_LINE_FOR_A_BAD_PEER,
    /** The broker itself reads {@code KAFKA_…} variables; with Apache Kafka the scripts of its container images do. */
    CONFIGURATION_FROM_THE_ENVIRONMENT,
    /** A broker that was killed serves again at once; Apache Kafka's waits until the controller has forgotten the old one. */
    RESTART_AFTER_KILL_IS_IMMEDIATE,
    /** A broker that cannot start says so in one line; Apache Kafka's comes with a stack trace. */
    ONE_LINE_WHEN_IT_CANNOT_START,
    /** An unknown key is warned about with the nearest known one; Apache Kafka ignores it without a word. */
    UNKNOWN_KEYS_ARE_WARNED_ABOUT,
    /** What happens in groups is kept in the topic {@code __group_journal}; Apache Kafka only logs it. */
    GROUP_JOURNAL;

    /** True when Millrace is under test: the assertion that follows is not made of Apache Kafka. */
    public boolean appliesHere() {
        return !Distribution.isApacheKafka();
    }

    /** Skips the test with Apache Kafka. */
    public void millraceOnly() {
        assumeTrue(appliesHere(), () -> this + ": see acceptance/docs/differences-from-apache.md");
    }
}
