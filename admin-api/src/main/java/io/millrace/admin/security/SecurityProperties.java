package io.millrace.admin.security;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the API, under {@code millrace.security.}.
 *
 * @param mode NONE asks nobody: right on loopback, which is the default address
 * @param users for BASIC
 * @param oidc for OIDC
 * @param allowedHosts names besides localhost by which browsers may call a server that listens on loopback without security
 */
@ConfigurationProperties("millrace.security")
record SecurityProperties(
        @DefaultValue("NONE") Mode mode,
        @DefaultValue List<User> users,
        @Nullable Oidc oidc,
        @DefaultValue List<String> allowedHosts) {

    SecurityProperties {
        if (mode == Mode.BASIC && users.isEmpty()) {
            throw new IllegalArgumentException("millrace.security.mode is basic, but there are no users; add"
                    + " millrace.security.users[0].name, .password and .role");
        }
        if (mode == Mode.OIDC && oidc == null) {
            throw new IllegalArgumentException("millrace.security.mode is oidc; set millrace.security.oidc.issuer,"
                    + " .client-id and .client-secret");
        }
    }

    enum Mode {
        NONE,
        BASIC,
        OIDC
    }

    /**
     * A user of BASIC.
     *
     * @param password encoded, with its encoding in front: {@code {bcrypt}$2a$…}; {@code {noop}} marks plain text
     */
    record User(
            String name,
            String password,
            @DefaultValue("VIEWER") Role role) {
        User {
            if (!password.startsWith("{")) {
                throw new IllegalArgumentException("the password of user '" + name
                        + "' does not say how it is encoded; write {bcrypt}$2a$… (or {noop}… for plain text)");
            }
        }

        /** Without the password. */
        @Override
        public String toString() {
            return name + " (" + role + ")";
        }
    }

    /**
     * An OpenID Connect provider. Browsers log in with the authorization code; programs bring its access tokens.
     *
     * @param issuer where {@code /.well-known/openid-configuration} is found
     * @param audience whom a program's access token must be meant for; the client id unless something else is said
     * @param roleClaim the claim that lists a user's roles or groups
     * @param roles which of the claim's values stand for which role; by default viewer, operator and admin
     */
    record Oidc(
            String issuer,
            String clientId,
            @DefaultValue("") String clientSecret,
            @DefaultValue({"openid", "profile"}) List<String> scopes,
            @DefaultValue("") String audience,
            @DefaultValue("roles") String roleClaim,
            @DefaultValue Map<Role, List<String>> roles) {
        Oidc {
            if (audience.isEmpty()) audience = clientId;
            if (roles.isEmpty()) {
                roles = Map.of(
                        Role.VIEWER,
                        List.of("viewer"),
                        Role.OPERATOR,
                        List.of("operator"),
                        Role.ADMIN,
                        List.of("admin"));
            }
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return issuer + " as " + clientId;
        }
    }
}
