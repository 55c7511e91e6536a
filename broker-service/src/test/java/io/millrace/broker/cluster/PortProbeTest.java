package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortProbeTest {

    private static final String HOST = InetAddress.getLoopbackAddress().getHostAddress();

    private final ClusterTimer timer = new ClusterTimer(Clock.system());
    private final PortProbe probe = new PortProbe(timer);
    private final CountDownLatch dead = new CountDownLatch(1);

    @AfterEach
    void close() {
        timer.close();
    }

    private static int refusingPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void whoIsLateToBeReadyIsToldAllTheSame() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        probe.whenRefused("x", HOST, refusingPort(), () -> true, () -> asked.incrementAndGet() > 30, dead::countDown);
        assertThat(dead.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(asked).hasValue(31);
    }

    @Test
    void aPortThatIsClosedLateIsNoticed() throws Exception {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AtomicInteger attempts = new AtomicInteger();
        probe.whenRefused(
                "x", HOST, socket.getLocalPort(), () -> attempts.incrementAndGet() > 0, () -> true, dead::countDown);
        while (attempts.get() < 4) {
            socket.accept().close();
        }
        assertThat(dead.getCount()).isOne();
        socket.close();
        assertThat(dead.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatNobodyAsksForAnyMoreIsNotTold() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        probe.whenRefused(
                "x",
                HOST,
                refusingPort(),
                () -> {
                    boolean still = asked.incrementAndGet() < 5;
                    if (!still) {
                        over.countDown();
                    }
                    return still;
                },
                () -> false,
                dead::countDown);
        assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(dead.getCount()).isOne();
    }
}
