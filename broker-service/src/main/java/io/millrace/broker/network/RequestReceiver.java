package io.millrace.broker.network;

/** Upcall of the network: whoever handles requests implements this. */
public interface RequestReceiver {

    /**
     * Takes a decoded request, on its connection's event loop. It must be answered exactly once, now or later, by one of
     * {@link Request}'s answers. An exception thrown from here closes that connection alone.
     */
    void receive(Request request);

    /** Tells that a connection has ended, after its last request was received; on that connection's event loop. */
    default void connectionClosed(String connectionId) {}
}
