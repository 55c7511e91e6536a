package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class IdempotencyKeysTest {
    private final IdempotencyKeys keys = new IdempotencyKeys();

    /** The second comes while the first is being answered: from within it. */
    @Test
    void whileARequestIsBeingAnsweredTheSameOneIsRefused() throws Exception {
        MockHttpServletResponse first = new MockHttpServletResponse();
        MockHttpServletResponse second = new MockHttpServletResponse();
        keys.doFilter(request(), first, (asked, answered) -> {
            keys.doFilter(request(), second, (again, never) -> {
                throw new AssertionError("it was done twice");
            });
            answered.getWriter().write("done");
        });
        assertThat(first.getContentAsString()).isEqualTo("done");
        assertThat(second.getStatus()).isEqualTo(409);
        assertThat(second.getContentAsString()).contains("REQUEST_IN_PROGRESS").contains("\"retriable\":true");
    }

    /** The second comes while the first answer is on its way. */
    @Test
    void whoHasTheAnswerGetsItAgainAtOnce() throws Exception {
        MockHttpServletResponse second = new MockHttpServletResponse();
        MockHttpServletResponse first = new MockHttpServletResponse() {
            @Override
            public void setContentLength(int length) {
                super.setContentLength(length);
                try {
                    keys.doFilter(request(), second, (again, never) -> {
                        throw new AssertionError("it was done twice");
                    });
                } catch (IOException | ServletException e) {
                    throw new AssertionError(e);
                }
            }
        };
        keys.doFilter(
                request(), first, (asked, answered) -> answered.getWriter().write("done"));
        assertThat(first.getContentAsString()).isEqualTo("done");
        assertThat(second.getContentAsString()).isEqualTo("done");
        assertThat(second.getHeader("Idempotent-Replayed")).isEqualTo("true");
    }

    private static MockHttpServletRequest request() {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/api/v1/clusters/local/topics");
        request.addHeader("Idempotency-Key", "k");
        request.setContent("{}".getBytes(StandardCharsets.UTF_8));
        return request;
    }
}
