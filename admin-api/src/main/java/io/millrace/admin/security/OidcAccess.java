package io.millrace.admin.security;

import io.millrace.admin.security.SecurityProperties.Oidc;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoders;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;

/** Login at an OpenID Connect provider: browsers by the authorization code, programs by access tokens it issued. */
final class OidcAccess {
    private OidcAccess() {}

    static void configure(HttpSecurity http, SecurityProperties properties) {
        Oidc oidc = Objects.requireNonNull(properties.oidc());
        ClientRegistration registration = ClientRegistrations.fromIssuerLocation(oidc.issuer())
                .registrationId("millrace")
                .clientId(oidc.clientId())
                .clientSecret(oidc.clientSecret())
                .scope(oidc.scopes())
                .build();
        NimbusJwtDecoder tokens = JwtDecoders.fromIssuerLocation(oidc.issuer());
        // A token that the same provider issued for another program is none of ours.
        tokens.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                JwtValidators.createDefaultWithIssuer(oidc.issuer()),
                new JwtClaimValidator<List<String>>(
                        JwtClaimNames.AUD, audience -> audience != null && audience.contains(oidc.audience()))));
        JwtAuthenticationConverter converter = new JwtAuthenticationConverter();
        converter.setJwtGrantedAuthoritiesConverter(jwt -> authorities(oidc, jwt.getClaim(oidc.roleClaim())));
        http.oauth2Login(login -> login.clientRegistrationRepository(
                                new InMemoryClientRegistrationRepository(registration))
                        .userInfoEndpoint(user -> user.userAuthoritiesMapper(granted -> mapped(oidc, granted))))
                .oauth2ResourceServer(
                        server -> server.jwt(jwt -> jwt.decoder(tokens).jwtAuthenticationConverter(converter)));
        LoginUrlAuthenticationEntryPoint login = new LoginUrlAuthenticationEntryPoint("/oauth2/authorization/millrace");
        http.exceptionHandling(handling -> handling.authenticationEntryPoint((request, response, failure) -> {
            if (isBrowser(request)) login.commence(request, response, failure);
            else {
                response.setHeader("WWW-Authenticate", "Bearer");
                AccessConfiguration.unauthenticated(response);
            }
        }));
    }

    private static boolean isBrowser(HttpServletRequest request) {
        String accept = request.getHeader("Accept");
        return request.getMethod().equals("GET") && accept != null && accept.contains("text/html");
    }

    private static Collection<GrantedAuthority> mapped(Oidc oidc, Collection<? extends GrantedAuthority> granted) {
        Set<GrantedAuthority> result = new HashSet<>();
        for (GrantedAuthority authority : granted) {
            if (authority instanceof OidcUserAuthority user) {
                result.addAll(authorities(oidc, user.getAttributes().get(oidc.roleClaim())));
            }
        }
        return result;
    }

    /** The roles that the claim's values stand for; a claim of one text counts as a list of one. */
    private static Collection<GrantedAuthority> authorities(Oidc oidc, @Nullable Object claim) {
        List<GrantedAuthority> result = new ArrayList<>();
        Collection<?> values =
                claim instanceof Collection<?> several ? several : claim == null ? List.of() : List.of(claim);
        oidc.roles().forEach((role, names) -> {
            if (names.stream().anyMatch(values::contains)) result.add(new SimpleGrantedAuthority("ROLE_" + role));
        });
        return result;
    }
}
