package io.millrace.broker.cluster;

/** A node's directories cannot be used as they are; the message is one line for the user, saying which one and what to do. */
public final class StorageException extends Exception {

    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
