package io.millrace.broker.coordinator;

/** The state of one partition of a coordinator's topic is in memory. */
public record CoordinatorLoaded(String topic, int partition, long durationMs, long records)
        implements CoordinatorEvent {}
