package io.millrace.broker.replication;

/** What fetchers run on: in a broker each has a thread and a socket ({@link FetcherThreads}); a simulation has neither. */
interface FetcherHost extends AutoCloseable {

    /** A fetcher at work. */
    interface Running extends AutoCloseable {
        /** Takes no further turn and closes the connection. */
        @Override
        void close();
    }

    /** A connection for the fetcher of that number of that leader. */
    LeaderConnection connect(int leaderId, int number);

    /** Has {@code fetcher} take its turns. */
    Running start(ReplicaFetcher fetcher, LeaderConnection connection, int leaderId, int number);

    /** After all fetchers have been closed. */
    @Override
    void close();
}
