package io.millrace.broker.cluster;

/** Upcall of the cluster package: the engine met a fault after which this process must not go on. Any thread; must not block. */
@FunctionalInterface
public interface FatalFault {

    void halt(String message, Throwable cause);
}
