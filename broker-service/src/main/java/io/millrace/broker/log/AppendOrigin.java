package io.millrace.broker.log;

/** Who wrote the records that are appended; decides what is checked. */
public enum AppendOrigin {
    /** A producer: sequences, sizes and timestamps are checked. */
    CLIENT,
    /** A coordinator of this broker, for itself: no producer checks except for transactions. */
    COORDINATOR,
    /** The raft engine or a replica of the leader: offsets are already assigned. */
    REPLICATION
}
