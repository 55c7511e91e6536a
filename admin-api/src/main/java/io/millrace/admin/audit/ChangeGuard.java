package io.millrace.admin.audit;

import io.millrace.admin.cluster.MillraceProperties;
import io.millrace.admin.problem.ApiException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Set;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Refuses every change while {@code millrace.read-only} is set (a dry run changes nothing and is let through), and always
 * what asks for a dry run where there is none: nobody shall change something while believing to try it.
 */
@Configuration(proxyBeanMethods = false)
class ChangeGuard implements WebMvcConfigurer, HandlerInterceptor {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private final boolean readOnly;

    ChangeGuard(MillraceProperties properties) {
        this.readOnly = properties.readOnly();
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/api/**", "/v3/**");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (READING.contains(request.getMethod())) return true;
        String dryRun = request.getParameter("dryRun");
        boolean canBeTried = knowsDryRuns(handler);
        if (readOnly && !(canBeTried && "true".equals(dryRun))) {
            throw new ApiException(
                    HttpStatus.FORBIDDEN,
                    "READ_ONLY",
                    "this admin API is read-only; start it without millrace.read-only to make changes");
        }
        if (!canBeTried && dryRun != null && !dryRun.equals("false")) {
            throw ApiException.badRequest(
                    "DRY_RUN_UNSUPPORTED", "this cannot be tried without being done; nothing was changed");
        }
        return true;
    }

    private static boolean knowsDryRuns(Object handler) {
        return handler instanceof HandlerMethod endpoint
                && Arrays.stream(endpoint.getMethod().getParameters())
                        .anyMatch(parameter -> parameter.getName().equals("dryRun"));
    }
}
