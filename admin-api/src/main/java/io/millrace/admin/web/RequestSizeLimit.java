package io.millrace.admin.web;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses requests with more than {@value #MAX_BYTES} bytes: at once when they say so, else when so many have come. */
@Component
@Order(0)
final class RequestSizeLimit extends OncePerRequestFilter {
    static final int MAX_BYTES = 16 * 1024 * 1024;

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getContentLengthLong() > MAX_BYTES) ProblemWriter.write(response, tooLarge());
        else if (request.getContentLengthLong() < 0) chain.doFilter(new Counted(request), response);
        else chain.doFilter(request, response);
    }

    private static ApiException tooLarge() {
        return new ApiException(
                HttpStatus.CONTENT_TOO_LARGE,
                "CONTENT_TOO_LARGE",
                "a request may have " + MAX_BYTES + " bytes at most; send less at a time");
    }

    /** A request that does not say how long it is. */
    private static final class Counted extends HttpServletRequestWrapper {
        Counted(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            ServletInputStream whole = super.getInputStream();
            return new ServletInputStream() {
                private long read;

                @Override
                public int read() throws IOException {
                    int next = whole.read();
                    count(next < 0 ? 0 : 1);
                    return next;
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    int count = whole.read(target, offset, length);
                    count(count);
                    return count;
                }

                private void count(int more) {
                    read += Math.max(0, more);
                    if (read > MAX_BYTES) throw tooLarge();
                }

                @Override
                public boolean isFinished() {
                    return whole.isFinished();
                }

                @Override
                public boolean isReady() {
                    return whole.isReady();
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    whole.setReadListener(listener);
                }
            };
        }
    }
}
