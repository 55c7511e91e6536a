package io.millrace.broker.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnTakingLoopTest {

    private static final int REQUESTS = 20;

    /** Netty's own loop would not look at its connections earlier. */
    private static final int TASKS_BETWEEN_NETTYS_LOOKS = 64;

    private final TestServer server = new TestServer(NetworkConfig.defaults());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void connectionsAreServedWhileThereIsAlwaysATaskToRun() throws Exception {
        CompletableFuture<EventLoop> serving = new CompletableFuture<>();
        server.start(request -> {
            serving.complete(request.loop());
            request.reply(new HeartbeatResponseData());
        });
        try (TestClient client = server.connect()) {
            ask(client);
            EndlessTask task = new EndlessTask(serving.get(30, TimeUnit.SECONDS));
            task.run();
            for (int i = 0; i < REQUESTS; i++) {
                ask(client);
            }
            task.ended.set(true);
            assertThat(task.runs.get()).isLessThan(REQUESTS * TASKS_BETWEEN_NETTYS_LOOKS);
        }
    }

    private static void ask(TestClient client) throws Exception {
        client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData().setGroupId("g"));
        client.receive(ApiKeys.HEARTBEAT, (short) 4);
    }

    /** Keeps a loop busy for a millisecond, then sends itself there again, until it is ended. */
    private record EndlessTask(EventLoop loop, AtomicInteger runs, AtomicBoolean ended) implements Runnable {

        EndlessTask(EventLoop loop) {
            this(loop, new AtomicInteger(), new AtomicBoolean());
        }

        @Override
        public void run() {
            if (loop.inLoop()) {
                runs.incrementAndGet();
                long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
                while (System.nanoTime() < untilNs) {
                    Thread.onSpinWait();
                }
            }
            if (!ended.get()) {
                loop.execute(this);
            }
        }
    }
}
