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

    /** The loop that owns whatever hashes to {@code hash}; the same for the life of the process. */
    public EventLoop ownerOf(int hash) {
        // Spread low-entropy hashes (partition numbers) before reducing them.
        return loops.get(Math.floorMod((hash * 0x9E3779B9) >>> 7, loops.size()));
    }
}
