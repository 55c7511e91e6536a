package io.millrace.admin.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.problem.ApiException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;

class ResourceLocksTest {
    private final ResourceLocks locks = new ResourceLocks();
    private final Cluster cluster =
            new Cluster(new MillraceProperties.ClusterEntry("one", "127.0.0.1:1", Map.of()), Duration.ofMillis(20));

    @Test
    void aChangeThatWaitsTooLongForAnotherIsRefusedAndMayBeTriedAgain() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> first = threads.submit(() -> locks.changing(cluster, "topic a", () -> {
                begun.countDown();
                return waited(end);
            }));
            begun.await();
            assertThat(locks.changing(cluster, "topic b", () -> "another")).isEqualTo("another");
            assertThatThrownBy(() -> locks.changing(cluster, "topic a", () -> "second"))
                    .isInstanceOfSatisfying(ApiException.class, refused -> {
                        assertThat(refused.status()).isEqualTo(HttpStatus.CONFLICT);
                        assertThat(refused.code()).isEqualTo("CHANGE_IN_PROGRESS");
                        assertThat(refused.retriable()).isTrue();
                    });
            end.countDown();
            assertThat(first.get()).isEqualTo("first");
        }
        assertThat(locks.changing(cluster, "topic a", () -> "third")).isEqualTo("third");
    }

    private static String waited(CountDownLatch end) {
        try {
            end.await();
            return "first";
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
