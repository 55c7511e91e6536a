package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many new partitions come to a loop that serves clients. */
class LoopBacklogTest {

    private final ManualLoop loop = new ManualLoop(0);
    private final LoopBacklog backlog = new LoopBacklog(loop, loop);
    private final List<String> done = new ArrayList<>();

    @Test
    void clientsAreServedBetweenSlicesAndTheOrderIsKept() {
        loop.execute(() -> backlog.add(slowTasks("first", 3)));
        loop.execute(() -> backlog.add(slowTasks("second", 1)));
        loop.execute(() -> done.add("client"));
        loop.drain();

        assertThat(done).containsExactly("first-0", "client");

        loop.pass(100);
        assertThat(done).containsExactly("first-0", "client", "first-1", "first-2", "second-0");
    }

    @Test
    void aTaskThatFailsDoesNotKeepTheOthersFromTheirs() {
        List<Runnable> tasks = new ArrayList<>(slowTasks("partition", 2));
        tasks.addFirst(() -> {
            throw new IllegalStateException("expected by this test");
        });
        loop.execute(() -> backlog.add(tasks));
        loop.pass(100);

        assertThat(done).containsExactly("partition-0", "partition-1");
    }

    /** Each takes longer than a slice. */
    private List<Runnable> slowTasks(String name, int count) {
        return IntStream.range(0, count)
                .<Runnable>mapToObj(i -> () -> {
                    loop.elapse(3);
                    done.add(name + "-" + i);
                })
                .toList();
    }
}
