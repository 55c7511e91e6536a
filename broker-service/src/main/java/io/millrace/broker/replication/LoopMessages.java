package io.millrace.broker.replication;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.EventLoops;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one change has to say to each loop, sent as one message a loop, in order. */
final class LoopMessages {

    private static final Logger LOG = LoggerFactory.getLogger(LoopMessages.class);

    private final EventLoops loops;
    private final List<List<Runnable>> byLoop = new ArrayList<>();

    LoopMessages(EventLoops loops) {
        this.loops = loops;
        for (int i = 0; i < loops.loops().size(); i++) {
            byLoop.add(new ArrayList<>());
        }
    }

    void add(EventLoop loop, Runnable task) {
        byLoop.get(loop.index()).add(task);
    }

    void send() {
        for (EventLoop loop : loops.loops()) {
            List<Runnable> tasks = byLoop.get(loop.index());
            if (!tasks.isEmpty()) {
                loop.execute(() -> tasks.forEach(LoopMessages::run));
            }
        }
    }

    /** What goes wrong with one partition must not keep the others from their roles. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("A partition could not follow a change of the metadata", e);
        }
    }
}
