package io.millrace.broker.coordinator;

/** Something that happened in a shard and is worth telling; given to the runtime's event sink once the decision stands. */
public interface CoordinatorEvent {}
