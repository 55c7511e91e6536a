package io.millrace.broker.network;

import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.runtime.EventLoop;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * One request of a connection, to be answered exactly once.
 *
 * <p>Record batches inside {@link #body()} are slices of the connection's buffer: they are valid until the answer is given, on any
 * thread, and not after. Answers may be given on any thread; they leave in the order of the requests.
 */
public interface Request {

    RequestHeader header();

    ApiMessage body();

    ClientContext client();

    /** Identity of the connection, unique in this process; fetch sessions and throttles hang on it. */
    String connectionId();

    /** The listener that the request came in by. */
    ListenerConfig listener();

    /** The event loop that the connection lives on. */
    EventLoop loop();

    /** Size of the request's frame in bytes, header included. */
    int sizeBytes();

    /** Monotonic time at which the frame was complete, in nanoseconds. */
    long receivedNs();

    /**
     * Answers. {@code response} may be filled in as for the newest version: single values that the request's version does not have
     * are reset; where a version has another form of a collection, that is up to the handler. The network takes the response over,
     * and every {@link io.millrace.broker.protocol.FileSlice} in it, which it releases: neither may be used again.
     */
    void reply(ApiMessage response);

    /** Ends the request without a response (produce with acks=0). */
    void replyNothing();

    /** Notes what software the client says that it is (KIP-511); on the connection's loop. */
    void introduce(String softwareName);

    /** What software the client has said that it is; empty if it has not. On the connection's loop. */
    String softwareName();

    /**
     * Has {@code task} run when the connection's next request is there while this one is unanswered, before that is handed out: its answer will
     * have to wait for this one's. On the connection's loop, both.
     */
    void whenFollowed(Runnable task);

    /**
     * Takes no further request from the connection for {@code timeMs}, so that a client that ignores the throttle time in its responses
     * is slowed down too. Before or after the answer, any thread.
     */
    void muteConnection(long timeMs);

    /** Closes the connection, logging {@code reason} once. */
    void close(String reason);

    default ApiKeys apiKey() {
        return header().apiKey();
    }

    default short apiVersion() {
        return header().apiVersion();
    }
}
