package io.millrace.admin.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.regex.Pattern;

/** Which role a request needs, by its method and path alone: one place to read and to test. */
final class AccessRules {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private static final Pattern DESTRUCTIVE = Pattern.compile(
            ".*/(records:purge|offsets:delete|partitions:reassign|partitions:elect-leader|brokers/[^/]+/configs:alter)");
    /** What can be tried without being done; everywhere else {@code dryRun} means nothing. */
    private static final Pattern CAN_BE_TRIED =
            Pattern.compile("POST .*/(clusters/[^/]+/topics|topics:apply|topics/[^/]+:clone|"
                    + "partitions:(grow|reassign|elect-leader)|configs:alter|records:purge|offsets:(reset|delete))"
                    + "|DELETE .*/clusters/[^/]+/(topics|consumer-groups)/[^/]+");

    private AccessRules() {}

    static Role needed(HttpServletRequest request) {
        String method = request.getMethod();
        if (READING.contains(method)) return Role.VIEWER;
        String path = request.getRequestURI();
        boolean dryRun = "true".equals(request.getParameter("dryRun"));
        if (dryRun && CAN_BE_TRIED.matcher(method + ' ' + path).matches()) return Role.VIEWER;
        // Burrow's own memory of a group, nothing of Kafka's.
        if (path.startsWith("/v3/kafka/")) return Role.OPERATOR;
        if (method.equals("DELETE") || path.startsWith("/v3/admin/")) return Role.ADMIN;
        return DESTRUCTIVE.matcher(path).matches() ? Role.ADMIN : Role.OPERATOR;
    }
}
