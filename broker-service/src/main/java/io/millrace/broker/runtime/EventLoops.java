package io.millrace.broker.runtime;

import java.util.List;

/** The broker's event loops, as many as cores; immutable, any thread. */
public record EventLoops(List<EventLoop> loops) {

    public EventLoops {
        loops = List.copyOf(loops);
        if (loops.isEmpty()) {
            throw new IllegalArgumentException("a broker needs at least one event loop");
        }
    }

    /**
     * The loop that owns member number {@code member} of {@code group}; the same for the life of the process. Members of a group
     * whose numbers follow each other, or are a fixed number apart, are spread evenly (Fibonacci hashing: Knuth, TAOCP 3, 6.4).
     */
    public EventLoop ownerOf(Object group, int member) {
        long hash = Integer.toUnsignedLong((group.hashCode() + member) * 0x9E3779B9);
        return loops.get((int) ((hash * loops.size()) >>> Integer.SIZE));
    }
}
