package io.millrace.broker.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a process that broke its connection is dead: then its machine answers that nobody listens at its port. Silence is
 * no answer. Each attempt runs on a thread of its own.
 */
final class PortProbe {

    private static final Logger LOG = LoggerFactory.getLogger(PortProbe.class);

    /** About as long as a probe that is answered, without what the attempts take. */
    static final long LASTS_MS = 6_400;

    private static final int TIMEOUT_MS = 500;
    /**
     * A dying process closes its sockets one after another: its port may still accept when its connections are gone, on a busy
     * machine for long.
     */
    private static final int[] AFTER_MS = {0, 10, 30, 60, 100, 200, 400, 800, 1_600, 3_200};

    private static final int READY_AFTER_MS = 10;

    private final ClusterTimer timer;

    PortProbe(ClusterTimer timer) {
        this.timer = timer;
    }

    /**
     * Calls {@code dead} once if the port refuses; not at all if it does not within {@link #LASTS_MS}.
     *
     * @param name of the process, for the thread's name
     * @param stillAsked asked before each attempt on the timer's thread; false ends the probe
     * @param ready asked after it; as long as this is false, {@code dead} would come too early and the attempt waits
     */
    void whenRefused(
            String name, String host, int port, BooleanSupplier stillAsked, BooleanSupplier ready, Runnable dead) {
        attempt(name, host, port, stillAsked, ready, dead, 0);
    }

    private void attempt(
            String name,
            String host,
            int port,
            BooleanSupplier stillAsked,
            BooleanSupplier ready,
            Runnable dead,
            int number) {
        if (number < AFTER_MS.length) {
            timer.after(
                    AFTER_MS[number],
                    () -> whenReady(
                            stillAsked,
                            ready,
                            () -> Thread.ofVirtual().name("probe-" + name).start(() -> {
                                if (refuses(name, host, port)) {
                                    dead.run();
                                } else {
                                    attempt(name, host, port, stillAsked, ready, dead, number + 1);
                                }
                            })));
        }
    }

    private void whenReady(BooleanSupplier stillAsked, BooleanSupplier ready, Runnable attempt) {
        if (!stillAsked.getAsBoolean()) {
            return;
        }
        if (ready.getAsBoolean()) {
            attempt.run();
        } else {
            timer.after(READY_AFTER_MS, () -> whenReady(stillAsked, ready, attempt));
        }
    }

    private static boolean refuses(String name, String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
            return false;
        } catch (ConnectException refused) {
            return true;
        } catch (IOException unreachable) {
            LOG.debug("probe of {} at {}:{}: {}", name, host, port, unreachable.toString());
            return false;
        }
    }
}
