package io.millrace.admin.security;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.ProblemWriter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** Spring Security as {@code millrace.security} wants it. Headers are ours in every mode; so is the protection from CSRF. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(AccessConfiguration.class);

    @Bean
    UserDetailsService users(SecurityProperties properties) {
        return new InMemoryUserDetailsManager(properties.users().stream()
                .map(user -> User.withUsername(user.name())
                        .password(user.password())
                        .roles(user.role().name())
                        .build())
                .toList());
    }

    @Bean
    SecurityFilterChain access(HttpSecurity http, SecurityProperties properties, ServerProperties server) {
        http.csrf(AbstractHttpConfigurer::disable)
                .headers(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .exceptionHandling(handling -> handling.accessDeniedHandler(AccessConfiguration::denied));
        switch (properties.mode()) {
            case NONE -> {
                InetAddress address = server.getAddress();
                if (address == null || !address.isLoopbackAddress()) {
                    LOG.warn(
                            "Anybody who reaches this server may change the cluster: it does not listen on loopback only,"
                                    + " and millrace.security.mode is none");
                }
                http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                        .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
            }
            case BASIC -> {
                http.httpBasic(basic -> basic.authenticationEntryPoint(AccessConfiguration::loginWanted))
                        .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
                byRole(http);
            }
            case OIDC -> {
                OidcAccess.configure(http, properties);
                byRole(http);
            }
        }
        return http.build();
    }

    private static void byRole(HttpSecurity http) {
        http.authorizeHttpRequests(requests -> {
            requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR, DispatcherType.FORWARD)
                    .permitAll();
            requests.requestMatchers("/actuator/health/**").permitAll();
            for (Role role : Role.values()) {
                RequestMatcher needsIt = request -> AccessRules.needed(request) == role;
                requests.requestMatchers(needsIt).hasAnyRole(atLeast(role));
            }
            requests.anyRequest().denyAll();
        });
    }

    private static String[] atLeast(Role least) {
        return Arrays.stream(Role.values())
                .filter(role -> role.compareTo(least) >= 0)
                .map(Role::name)
                .toArray(String[]::new);
    }

    static void loginWanted(
            HttpServletRequest request, HttpServletResponse response, @Nullable AuthenticationException failure)
            throws IOException {
        response.setHeader("WWW-Authenticate", "Basic realm=\"Millrace\", charset=\"UTF-8\"");
        unauthenticated(response);
    }

    static void unauthenticated(HttpServletResponse response) throws IOException {
        ProblemWriter.write(
                response,
                new ApiException(
                        HttpStatus.UNAUTHORIZED, "NOT_AUTHENTICATED", "log in to use this; nobody is logged in"));
    }

    private static void denied(HttpServletRequest request, HttpServletResponse response, AccessDeniedException failure)
            throws IOException {
        String user = request.getRemoteUser();
        Role needed = AccessRules.needed(request);
        LOG.info("{} was refused {} {}: it needs {}", user, request.getMethod(), request.getRequestURI(), needed);
        ProblemWriter.write(
                response,
                new ApiException(
                        HttpStatus.FORBIDDEN,
                        "NOT_AUTHORIZED",
                        "this needs the role " + needed.name().toLowerCase(java.util.Locale.ROOT) + ", which user '"
                                + user + "' does not have"));
    }
}
