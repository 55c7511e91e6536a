package io.millrace.broker.config;

/** What a node does for its cluster, as {@code process.roles} says. */
public enum ProcessRole {
    BROKER,
    CONTROLLER
}
