package io.millrace.broker.replication;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.EventLoops;
import java.util.ArrayList;
import java.util.List;

/** What one change has to say to each loop, sent as one message a loop, in order. */
final class LoopMessages {

    private final EventLoops loops;
    private final List<LoopBacklog> backlogs;
    private final List<List<Runnable>> byLoop = new ArrayList<>();

    /** @param backlogs one for each of {@code loops}, by index */
    LoopMessages(EventLoops loops, List<LoopBacklog> backlogs) {
        this.loops = loops;
        this.backlogs = backlogs;
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
                loop.execute(() -> backlogs.get(loop.index()).add(tasks));
            }
        }
    }
}
