package io.millrace.broker.boot;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started and must be stopped again, last first; a step that fails does not keep the others from running. */
final class StopSteps implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StopSteps.class);

    /** Stops one thing. */
    interface Step {
        void run() throws Exception;
    }

    private record Named(String what, Step step) {}

    private final Deque<Named> steps = new ArrayDeque<>();

    /** Remembers how to stop what has just been started; {@code what} names it for the log. */
    void add(String what, Step step) {
        steps.push(new Named(what, step));
    }

    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Named next = steps.pop();
            try {
                next.step().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                log.warn("Interrupted while stopping {}", next.what());
            } catch (Exception e) {
                log.warn("Stopping {} failed", next.what(), e);
            }
        }
    }
}
