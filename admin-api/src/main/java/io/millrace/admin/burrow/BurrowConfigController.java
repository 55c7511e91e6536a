package io.millrace.admin.burrow;

import io.millrace.admin.cluster.Clusters;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerConfiguration;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * Burrow's own configuration and administration, as far as this process has what they speak about: one storage, one
 * evaluator, and for each cluster a cluster and a consumer module. It has no ZooKeeper and no notifiers.
 */
@Hidden
@RestController
class BurrowConfigController {
    private final Clusters clusters;
    private final LoggingSystem logging;

    BurrowConfigController(Clusters clusters, LoggingSystem logging) {
        this.clusters = clusters;
        this.logging = logging;
    }

    @GetMapping("/v3/config")
    ResponseEntity<String> main(HttpServletRequest request) {
        Map<String, Object> general = new LinkedHashMap<>();
        general.put("pidfile", "");
        general.put("stdout-logfile", "");
        general.put("access-control-allow-origin", "");
        Map<String, Object> log = new LinkedHashMap<>();
        log.put("filename", "");
        log.put("max-size", 0);
        log.put("max-backups", 0);
        log.put("max-age", 0);
        log.put("use-local-time", false);
        log.put("use-compression", false);
        log.put("level", level());
        Map<String, Object> zookeeper = new LinkedHashMap<>();
        zookeeper.put("servers", List.of());
        zookeeper.put("timeout", 0);
        zookeeper.put("root-path", "");
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("general", general);
        more.put("logging", log);
        more.put("zookeeper", zookeeper);
        more.put("httpserver", Map.of());
        return ok(request, "main config returned", more);
    }

    @GetMapping("/v3/config/{coordinator}")
    ResponseEntity<String> modules(@PathVariable String coordinator, HttpServletRequest request) {
        List<String> modules = modulesOf(coordinator);
        if (modules == null) return unknown(request, "coordinator");
        return ok(request, "module list returned", Map.of("coordinator", coordinator, "modules", modules));
    }

    @GetMapping("/v3/config/{coordinator}/{module}")
    ResponseEntity<String> module(
            @PathVariable String coordinator, @PathVariable String module, HttpServletRequest request) {
        List<String> modules = modulesOf(coordinator);
        if (modules == null || !modules.contains(module)) return unknown(request, coordinator + " module");
        Map<String, Object> settings = new LinkedHashMap<>();
        switch (coordinator) {
            case "storage" -> {
                settings.put("class-name", "inmemory");
                settings.put("intervals", CommitWindow.INTERVALS);
                settings.put("min-distance", 0);
                settings.put("group-allowlist", "");
                settings.put("expire-group", 0);
            }
            case "evaluator" -> {
                settings.put("class-name", "caching");
                settings.put("expire-cache", 0);
            }
            case "cluster" -> settings.putAll(clusterModule(clusters, module));
            default -> {
                settings.put("class-name", "kafka");
                settings.put("cluster", module);
                settings.put(
                        "servers",
                        List.of(clusters.get(module).bootstrapServers().split(",", -1)));
                settings.put("group-denylist", "");
                settings.put("group-allowlist", "");
                settings.put("offsets-topic", "__consumer_offsets");
                settings.put("start-latest", false);
                settings.put("backfill-earliest", false);
                settings.put("client-profile", clientProfile());
            }
        }
        return ok(request, coordinator + " module detail returned", Map.of("module", settings));
    }

    static Map<String, Object> clusterModule(Clusters clusters, String cluster) {
        Map<String, Object> module = new LinkedHashMap<>();
        module.put("class-name", "kafka");
        module.put("servers", List.of(clusters.get(cluster).bootstrapServers().split(",", -1)));
        module.put("client-profile", clientProfile());
        module.put("topic-refresh", 10);
        module.put("offset-refresh", 10);
        return module;
    }

    private static Map<String, Object> clientProfile() {
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("name", "");
        profile.put("client-id", "millrace-admin");
        profile.put("kafka-version", "");
        profile.put("tls", null);
        profile.put("sasl", null);
        return profile;
    }

    private @Nullable List<String> modulesOf(String coordinator) {
        return switch (coordinator) {
            case "storage", "evaluator" -> List.of("default");
            case "cluster", "consumer" -> clusters.ids();
            case "notifier" -> List.of();
            default -> null;
        };
    }

    record Level(String level) {}

    @GetMapping("/v3/admin/loglevel")
    ResponseEntity<String> logLevel(HttpServletRequest request) {
        return ok(request, "log level returned", Map.of("level", level()));
    }

    @PostMapping(path = "/v3/admin/loglevel", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<String> setLogLevel(@RequestBody Level wanted, HttpServletRequest request) {
        String name = wanted.level().toUpperCase(Locale.ROOT);
        for (LogLevel level : LogLevel.values()) {
            if (level.name().equals(name)) {
                logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, level);
                return ok(request, "set log level", Map.of());
            }
        }
        return BurrowAnswer.of(HttpStatus.NOT_FOUND, request, true, "unknown log level", Map.of());
    }

    private String level() {
        LoggerConfiguration root = logging.getLoggerConfiguration(LoggingSystem.ROOT_LOGGER_NAME);
        LogLevel level = root == null ? null : root.getEffectiveLevel();
        return level == null ? "info" : level.name().toLowerCase(Locale.ROOT);
    }

    /** For load balancers: it is alive. */
    @GetMapping(path = "/burrow/admin", produces = MediaType.TEXT_PLAIN_VALUE)
    String alive() {
        return "GOOD";
    }

    /** Ready when every cluster was read once. */
    @GetMapping(path = "/burrow/admin/ready", produces = MediaType.TEXT_PLAIN_VALUE)
    ResponseEntity<String> ready() {
        boolean ready = clusters.ids().stream().allMatch(id -> clusters.peek(id) != null);
        return ready
                ? ResponseEntity.ok("READY")
                : ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body("STARTING");
    }

    private static ResponseEntity<String> ok(HttpServletRequest request, String message, Map<String, ?> more) {
        return BurrowAnswer.of(HttpStatus.OK, request, false, message, more);
    }

    private static ResponseEntity<String> unknown(HttpServletRequest request, String what) {
        return BurrowAnswer.of(HttpStatus.NOT_FOUND, request, true, what + " not found", Map.of());
    }
}
