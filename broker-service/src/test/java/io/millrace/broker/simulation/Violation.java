package io.millrace.broker.simulation;

/** A promise was broken. */
final class Violation extends AssertionError {
    Violation(String what) {
        super(what);
    }
}
