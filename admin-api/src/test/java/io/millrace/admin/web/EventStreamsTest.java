package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.problem.ApiException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;

class EventStreamsTest {

    @Test
    void oneTooManyIsRefusedUntilAnotherEnds() {
        EventStreams streams = new EventStreams("tails", 2);
        CountDownLatch ended = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) streams.open(to -> ended.await());
        assertThat(streams.open()).isEqualTo(2);
        assertThatThrownBy(() -> streams.open(to -> {})).isInstanceOfSatisfying(ApiException.class, refused -> {
            assertThat(refused.status()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS);
            assertThat(refused.code()).isEqualTo("TOO_MANY_TAILS");
            assertThat(refused.detail()).isEqualTo("2 tails are open, which is the limit; close one");
        });
        ended.countDown();
        await().until(() -> streams.open() == 0);
        streams.open(to -> {
            throw new ApiException(HttpStatus.GATEWAY_TIMEOUT, "KAFKA_REQUEST_TIMED_OUT", "nobody answered");
        });
        await().until(() -> streams.open() == 0);
    }
}
