package io.millrace.admin.security;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses changes that another site's page asks for in a user's browser (CSRF), whatever the login is, and pages that
 * reach a loopback server by a name of their own (DNS rebinding).
 *
 * <p>Browsers say where a request comes from (Fetch Metadata, else Origin); programs send neither and are let through.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
final class CrossOriginProtection extends OncePerRequestFilter {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    private final boolean hostsAreChecked;
    private final List<String> allowedHosts;

    CrossOriginProtection(SecurityProperties properties, ServerProperties server) {
        InetAddress address = server.getAddress();
        this.hostsAreChecked =
                properties.mode() == SecurityProperties.Mode.NONE && address != null && address.isLoopbackAddress();
        this.allowedHosts = properties.allowedHosts();
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String host = request.getServerName();
        if (hostsAreChecked && !LOOPBACK.contains(host) && !allowedHosts.contains(host)) {
            refuse(
                    response,
                    "UNKNOWN_HOST",
                    "this server listens on loopback and does not know itself as that host; call it as localhost, or add"
                            + " the name to millrace.security.allowed-hosts");
            return;
        }
        if (!READING.contains(request.getMethod()) && crossOrigin(request)) {
            refuse(response, "CROSS_ORIGIN", "changes are not taken from pages of other sites");
            return;
        }
        chain.doFilter(request, response);
    }

    private static boolean crossOrigin(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) return !site.equals("same-origin") && !site.equals("none");
        String origin = request.getHeader("Origin");
        return origin != null && !authority(origin).equals(request.getHeader("Host"));
    }

    private static @Nullable String authorityOf(URI uri) {
        return uri.getRawAuthority();
    }

    private static String authority(String origin) {
        try {
            String authority = authorityOf(URI.create(origin));
            return authority == null ? "" : authority;
        } catch (IllegalArgumentException malformed) {
            return "";
        }
    }

    private static void refuse(HttpServletResponse response, String code, String detail) throws IOException {
        ProblemWriter.write(response, new ApiException(HttpStatus.FORBIDDEN, code, detail));
    }
}
