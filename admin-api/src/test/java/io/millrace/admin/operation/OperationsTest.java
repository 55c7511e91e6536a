package io.millrace.admin.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.operation.Operation.State;
import io.millrace.admin.problem.ApiException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperationsTest {
    private final AuditLog audit = new AuditLog();
    private final Operations operations = new Operations(audit);

    @AfterEach
    void stop() {
        operations.destroy();
    }

    @Test
    void anOperationEndsWithItsResult() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Operation started = audit.called(
                "ada",
                () -> operations.start("local", "test", "thing", report -> {
                    go.await();
                    report.progress(1, 2, "things");
                    return audit.caller();
                }));
        assertThat(started.state()).isEqualTo(State.RUNNING);
        assertThat(started.cancellable()).isTrue();
        go.countDown();
        Operation ended = ended(started);
        assertThat(ended.state()).isEqualTo(State.SUCCEEDED);
        assertThat(ended.result()).as("the work acts for who started it").isEqualTo("ada");
        assertThat(ended.progress().done()).isEqualTo(1);
        assertThat(ended.version()).isGreaterThan(started.version());
    }

    @Test
    void aFailureIsAProblemAndSaysNothingOfItsInside() throws Exception {
        Operation refused = ended(operations.start("local", "test", "thing", report -> {
            throw ApiException.conflict("BUSY", "the thing is busy");
        }));
        assertThat(refused.state()).isEqualTo(State.FAILED);
        assertThat(refused.problem()).containsEntry("code", "BUSY").containsEntry("status", 409);
        Operation broken = ended(operations.start("local", "test", "thing", report -> {
            throw new IllegalStateException("inside");
        }));
        assertThat(broken.problem()).containsEntry("code", "INTERNAL_ERROR");
        assertThat(String.valueOf(broken.problem())).doesNotContain("inside");
    }

    @Test
    void cancellingInterruptsTheWork() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Operation started = operations.start("local", "test", "thing", report -> {
            never.await();
            return "";
        });
        assertThat(operations.require("local", started.id()).cancel()).isTrue();
        assertThat(ended(started).state()).isEqualTo(State.CANCELLED);
        assertThat(operations.require("local", started.id()).cancel()).isFalse();
    }

    @Test
    void howManyRunAndHowManyAreKeptIsBounded() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        for (int i = 0; i < 16; i++) {
            operations.start("local", "test", "thing", report -> {
                go.await();
                return "";
            });
        }
        assertThatThrownBy(() -> operations.start("local", "test", "one too many", report -> ""))
                .hasMessageContaining("16 operations are running");
        go.countDown();
        for (Operation one : operations.recent("local")) ended(one);
        for (int i = 0; i < 250; i++) ended(operations.start("local", "test", "thing", report -> ""));
        assertThat(operations.recent("local")).hasSize(200);
        assertThat(operations.recent("elsewhere")).isEmpty();
    }

    private Operation ended(Operation operation) throws InterruptedException {
        Running running = operations.require(operation.cluster(), operation.id());
        Operation now = running.now();
        while (!now.finished()) now = running.after(now.version(), 10_000);
        return now;
    }
}
