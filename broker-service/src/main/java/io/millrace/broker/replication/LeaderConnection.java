package io.millrace.broker.replication;

import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.requests.AbstractRequest;

/** One connection to one leader. Belongs to whoever runs its fetcher; {@link #wakeup} may come from any thread. */
interface LeaderConnection extends AutoCloseable {

    /** Whether a request may be sent; else connects. The leader may have come back at another address. */
    boolean ready(Node leader);

    /** How long it makes no sense to ask {@link #ready} again, in milliseconds. */
    long delayMs(Node leader);

    void send(Node leader, AbstractRequest.Builder<?> request, RequestCompletionHandler handler);

    /** Sends, receives, and calls handlers; for as long as {@code timeoutMs} if nothing happens. */
    void poll(long timeoutMs);

    /** Nobody reads the records of the last answer any more: what they lie in may be used for the next. */
    void answerTaken();

    /** Gives up what is in flight, without a word to its handler. */
    void disconnect();

    /** Ends a {@link #poll} under way, or the next one. */
    void wakeup();

    @Override
    void close();
}
