package io.millrace.broker.cluster;

import org.apache.kafka.server.fault.FaultHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a fault inside Kafka's engine is made known: logged, and where the process must not go on, handed up. Any thread. */
final class EngineFault implements FaultHandler {

    private static final Logger LOG = LoggerFactory.getLogger(EngineFault.class);

    private final String part;
    private final FatalFault onFault;

    private EngineFault(String part, FatalFault onFault) {
        this.part = part;
        this.onFault = onFault;
    }

    /** A fault after which the process must not go on. */
    static FaultHandler fatal(String part, FatalFault faults) {
        return new EngineFault(part, faults);
    }

    /** A fault that the engine survives. */
    static FaultHandler logged(String part) {
        return new EngineFault(part, (message, cause) -> {});
    }

    @Override
    public RuntimeException handleFault(String message, @Nullable Throwable cause) {
        LOG.error("{}: {}", part, message, cause);
        RuntimeException fault = new IllegalStateException(part + ": " + message, cause);
        onFault.halt(part + ": " + message, cause == null ? fault : cause);
        return fault;
    }
}
