package io.millrace.broker.simulation;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The network between hosts. What is sent one way over one connection arrives in order or not at all, each connection at a pace of
 * its own; a direction between two hosts may be cut, then what is under way waits, as TCP would have it.
 */
final class SimulatedNetwork {

    /** Where clients and the controller are; brokers have their own ids. */
    static final int CONTROLLER = 0;

    static final int CLIENTS = 100;

    private static final long LOOK_AGAIN_NS = 4 * Scheduler.MS;

    private record Link(int from, int to) {}

    private final Scheduler scheduler;
    private final Set<Link> cut = new HashSet<>();
    private long maxDelayNs = Scheduler.MS;
    private double loss;

    SimulatedNetwork(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    void cut(int from, int to) {
        cut.add(new Link(from, to));
    }

    void mend(int from, int to) {
        cut.remove(new Link(from, to));
    }

    /** From now on messages take up to so long, and each one breaks its connection with that probability. */
    void setQuality(long newMaxDelayNs, double newLoss) {
        maxDelayNs = newMaxDelayNs;
        loss = newLoss;
    }

    void heal() {
        cut.clear();
        setQuality(Scheduler.MS, 0);
    }

    boolean isCut(int from, int to) {
        return cut.contains(new Link(from, to));
    }

    boolean losesNext() {
        return loss > 0 && scheduler.random.nextDouble() < loss;
    }

    long delayNs() {
        return 20_000 + scheduler.upTo(maxDelayNs);
    }

    /** One direction of one connection. */
    final class Pipe {
        private final int from;
        private final int to;
        private final ArrayDeque<Runnable> underWay = new ArrayDeque<>();
        private boolean scheduled;
        private long notBeforeNs;

        Pipe(int from, int to) {
            this.from = from;
            this.to = to;
        }

        void send(Runnable arrival) {
            underWay.add(arrival);
            if (!scheduled) {
                scheduled = true;
                scheduler.after(delayNs(), this::arrive);
            }
        }

        /** What is under way never arrives. */
        void lose() {
            underWay.clear();
        }

        /** What is under way arrives so much later. */
        void delay(long ns) {
            notBeforeNs = scheduler.nowNs() + ns;
        }

        private void arrive() {
            scheduled = false;
            if (underWay.isEmpty()) {
                return;
            }
            boolean waits = isCut(from, to) || scheduler.nowNs() < notBeforeNs;
            if (!waits) {
                underWay.remove().run();
            }
            if (!underWay.isEmpty() && !scheduled) {
                scheduled = true;
                scheduler.after(waits ? LOOK_AGAIN_NS : delayNs() / 4, this::arrive);
            }
        }
    }

    /**
     * Asks the controller over a connection that is made for this call; {@code answered} gets null when nothing comes back in time,
     * whether the controller has heard it or not.
     */
    <T> void ask(int from, SimulatedProcess process, long timeoutNs, Supplier<T> atController, Consumer<T> answered) {
        boolean[] done = {false};
        Consumer<T> once = answer -> {
            if (!done[0]) {
                done[0] = true;
                answered.accept(answer);
            }
        };
        process.elsewhere(timeoutNs, () -> once.accept(null));
        if (losesNext()) {
            return;
        }
        new Pipe(from, CONTROLLER).send(() -> {
            if (!process.isAlive()) {
                return; // Its connection ended with it.
            }
            T answer = atController.get();
            if (answer != null && !losesNext()) {
                new Pipe(CONTROLLER, from).send(() -> process.elsewhere(0, () -> once.accept(answer)));
            }
        });
    }
}
