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
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Lets a change be asked for twice and happen once: a request with an {@code Idempotency-Key} that was answered before
 * gets the same answer again. The same key with another request is refused (422), and while the first is still at it (409).
 *
 * <p>Keys are per user. The last {@value #KEPT} answers are kept, those of up to {@value #LARGEST_ANSWER} bytes; answers
 * that say that this API or the cluster failed are not, so that the same request may be tried again.
 */
@Component
final class IdempotencyKeys extends OncePerRequestFilter {
    private static final String HEADER = "Idempotency-Key";
    private static final int KEPT = 1_000;
    private static final int LONGEST_KEY = 255;
    private static final int LARGEST_REQUEST = 2 * 1024 * 1024;
    private static final int LARGEST_ANSWER = 256 * 1024;
    private static final List<String> HEADERS = List.of("Content-Type", "Location", "ETag", "Preference-Applied");
    /** Oldest first; guarded by itself. */
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** What was asked; the answer is absent until there is one. */
    private record Entry(String request, @Nullable Answer answer) {}

    /** The body's bytes as ISO 8859-1: a text does not change under its holder. */
    private record Answer(int status, Map<String, String> headers, String body) {}

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getHeader(HEADER) == null
                || List.of("GET", "HEAD", "OPTIONS").contains(request.getMethod())
                || !request.getRequestURI().startsWith("/api/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String given = request.getHeader(HEADER).strip();
        if (given.isEmpty() || given.length() > LONGEST_KEY) {
            ProblemWriter.write(
                    response,
                    ApiException.badRequest(
                            "INVALID_IDEMPOTENCY_KEY",
                            "Idempotency-Key has " + given.length() + " characters; it takes 1 to " + LONGEST_KEY));
            return;
        }
        byte[] body = request.getInputStream().readNBytes(LARGEST_REQUEST + 1);
        if (body.length > LARGEST_REQUEST) {
            ProblemWriter.write(
                    response,
                    new ApiException(
                            HttpStatus.CONTENT_TOO_LARGE,
                            "CONTENT_TOO_LARGE",
                            "with an Idempotency-Key a request may have " + LARGEST_REQUEST + " bytes at most"));
            return;
        }
        String asked = EntityTag.of(List.of(
                request.getMethod(),
                request.getRequestURI(),
                String.valueOf(request.getQueryString()),
                new String(body, StandardCharsets.ISO_8859_1)));
        String key = request.getRemoteUser() + '\0' + given;
        Entry known;
        synchronized (entries) {
            known = entries.putIfAbsent(key, new Entry(asked, null));
            forgetOldest();
        }
        if (known == null) first(key, asked, new Replayed(request, body), response, chain);
        else again(known, asked, given, response);
    }

    private void first(
            String key, String asked, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper caching = new ContentCachingResponseWrapper(response);
        @Nullable Answer answer = null;
        try {
            chain.doFilter(request, caching);
            if (caching.getStatus() < 500 && caching.getContentSize() <= LARGEST_ANSWER) {
                Map<String, String> headers = new LinkedHashMap<>();
                for (String name : HEADERS) {
                    String value = caching.getHeader(name);
                    if (value != null) headers.put(name, value);
                }
                answer = new Answer(
                        caching.getStatus(),
                        headers,
                        new String(caching.getContentAsByteArray(), StandardCharsets.ISO_8859_1));
            }
        } finally {
            synchronized (entries) {
                if (answer == null) entries.remove(key);
                else entries.put(key, new Entry(asked, answer));
            }
        }
        // Last: who has the answer may ask again at once.
        caching.copyBodyToResponse();
    }

    private static void again(Entry known, String asked, String key, HttpServletResponse response) throws IOException {
        if (!known.request().equals(asked)) {
            ProblemWriter.write(
                    response,
                    new ApiException(
                            HttpStatus.UNPROCESSABLE_CONTENT,
                            "IDEMPOTENCY_KEY_REUSED",
                            "the Idempotency-Key '" + key + "' was used for another request; take a new one"));
            return;
        }
        Answer answer = known.answer();
        if (answer == null) {
            ProblemWriter.write(
                    response,
                    new ApiException(
                            HttpStatus.CONFLICT,
                            "REQUEST_IN_PROGRESS",
                            "the same request is still being answered; ask again soon",
                            true,
                            Map.of(),
                            null));
            return;
        }
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        response.setHeader("Idempotent-Replayed", "true");
        response.getOutputStream().write(answer.body().getBytes(StandardCharsets.ISO_8859_1));
    }

    private void forgetOldest() {
        var oldest = entries.values().iterator();
        while (entries.size() > KEPT && oldest.hasNext()) {
            if (oldest.next().answer() != null) oldest.remove();
        }
    }

    /** A request whose body has been read, to be read again. */
    private static final class Replayed extends HttpServletRequestWrapper {
        private final byte[] body;

        Replayed(HttpServletRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            ByteArrayInputStream bytes = new ByteArrayInputStream(body);
            return new ServletInputStream() {
                @Override
                public int read() {
                    return bytes.read();
                }

                @Override
                public int read(byte[] target, int offset, int length) {
                    return bytes.read(target, offset, length);
                }

                @Override
                public boolean isFinished() {
                    return bytes.available() == 0;
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new IllegalStateException("a request with an Idempotency-Key is read at once");
                }
            };
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }
}
