package io.millrace.broker.boot;

/** What a node does about data directories that were never formatted. */
public enum FirstStart {
    /** Formats them, where it may invent the cluster's id or is told it: one command and nothing to prepare. */
    FORMATS,
    /** Does not start, as Kafka: an empty directory may be a disk that is not mounted, or a misspelt path. */
    REFUSES
}
