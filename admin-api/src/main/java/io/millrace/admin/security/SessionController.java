package io.millrace.admin.security;

import io.millrace.admin.cluster.MillraceProperties;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who is asking, and what they may do: the console shows no button that would be refused. */
@Tag(name = "session")
@RestController
class SessionController {
    private final SecurityProperties security;
    private final MillraceProperties properties;

    SessionController(SecurityProperties security, MillraceProperties properties) {
        this.security = security;
        this.properties = properties;
    }

    /** The user is absent where nobody logs in; then everybody is an admin. */
    record Session(@Nullable String user, Role role, boolean readOnly, SecurityProperties.Mode mode) {}

    @GetMapping("/api/v1/session")
    Session session(HttpServletRequest request) {
        Role role = Role.ADMIN;
        if (security.mode() != SecurityProperties.Mode.NONE) {
            role = Role.VIEWER;
            for (Role candidate : Role.values()) if (request.isUserInRole(candidate.name())) role = candidate;
        }
        return new Session(request.getRemoteUser(), role, properties.readOnly(), security.mode());
    }
}
