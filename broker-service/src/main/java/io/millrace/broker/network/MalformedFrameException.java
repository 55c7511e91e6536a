package io.millrace.broker.network;

/** Bytes that are not a request which this listener serves: their connection must be closed. The message says why. */
final class MalformedFrameException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedFrameException(String message) {
        // Peers can cause any number of these, and where they were thrown says nothing.
        super(message, null, false, false);
    }
}
