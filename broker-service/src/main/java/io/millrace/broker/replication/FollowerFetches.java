package io.millrace.broker.replication;

/** Brings followers what their leaders have; told by the partitions, each on its own loop. */
public interface FollowerFetches {

    /** Fetches {@code partition} from {@code leaderId}, instead of whomever it followed before. */
    void follow(Partition partition, int leaderId, int leaderEpoch, FetchPosition position);

    /** The partition follows nobody now. */
    void stop(Partition partition);
}
