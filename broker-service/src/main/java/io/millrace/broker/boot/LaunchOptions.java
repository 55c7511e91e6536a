package io.millrace.broker.boot;

import io.millrace.broker.config.EnvironmentVariables;
import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.config.Setting;
import io.millrace.broker.config.Settings;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line.
 *
 * @param configFile {@code --config}
 * @param overrides {@code --override KEY=VALUE} and {@code --data}, which count more than file and environment
 * @param kafkaPort {@code --kafka-port}: clients' port where {@code listeners} is not configured
 * @param httpPort {@code --http-port}
 * @param format {@code --format}: unformatted data directories are formatted at start
 * @param rehearsal start with data of its own on free ports, exercise the broker, and end: what an AOT cache is recorded from
 */
public record LaunchOptions(
        @Nullable Path configFile,
        List<Setting> overrides,
        int kafkaPort,
        int httpPort,
        boolean format,
        boolean rehearsal) {

    public static final int DEFAULT_HTTP_PORT = 8080;
    private static final int DEFAULT_KAFKA_PORT = 9092;

    public LaunchOptions {
        overrides = List.copyOf(overrides);
    }

    /** Reads the arguments; an unknown one is refused. */
    public static LaunchOptions parse(String... arguments) {
        Path configFile = null;
        List<Setting> overrides = new ArrayList<>();
        int kafkaPort = DEFAULT_KAFKA_PORT;
        int httpPort = DEFAULT_HTTP_PORT;
        boolean format = false;
        boolean rehearsal = false;
        Deque<String> rest = new ArrayDeque<>(List.of(arguments));
        while (!rest.isEmpty()) {
            String option = rest.removeFirst();
            int equals = option.startsWith("--") ? option.indexOf('=') : -1;
            if (equals > 0) {
                rest.addFirst(option.substring(equals + 1));
                option = option.substring(0, equals);
            }
            switch (option) {
                case "-c", "--config" -> configFile = Path.of(valueOf(option, rest));
                case "--data" ->
                    overrides.add(new Setting(
                            "log.dirs",
                            Path.of(valueOf(option, rest)).toAbsolutePath().toString(),
                            option));
                case "--kafka-port" -> kafkaPort = port(option, valueOf(option, rest));
                case "--http-port" -> httpPort = port(option, valueOf(option, rest));
                case "--override" -> overrides.add(override(valueOf(option, rest)));
                case "--format" -> format = true;
                case "--rehearse" -> rehearsal = true;
                default ->
                    throw new InvalidConfiguration(
                            "unknown argument '" + option + "'; bin/millrace --help lists what there is");
            }
        }
        return new LaunchOptions(configFile, overrides, kafkaPort, httpPort, format, rehearsal);
    }

    /** The node's configuration: file, then environment, then command line. */
    public NodeConfig nodeConfig(Map<String, String> environment, @Nullable Path defaultDataDirectory) {
        Settings settings = configFile == null ? Settings.none() : Settings.ofFile(configFile);
        settings = settings.and(EnvironmentVariables.settings(environment)).and(overrides);
        if (defaultDataDirectory != null && !settings.has("log.dirs") && !settings.has("log.dir")) {
            String data = defaultDataDirectory.toAbsolutePath().toString();
            settings = settings.and(List.of(new Setting("log.dirs", data, "default")));
        }
        return NodeConfig.of(settings, kafkaPort);
    }

    private static String valueOf(String option, Deque<String> rest) {
        if (rest.isEmpty()) {
            throw new InvalidConfiguration(option + " needs a value");
        }
        return rest.removeFirst();
    }

    private static Setting override(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new InvalidConfiguration("--override " + text + " is not of the form KEY=VALUE");
        }
        return new Setting(
                text.substring(0, equals).strip(), text.substring(equals + 1).strip(), "--override");
    }

    private static int port(String option, String value) {
        try {
            int port = Integer.parseInt(value);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new InvalidConfiguration(option + " " + value + " is not a number");
        }
        throw new InvalidConfiguration(option + " " + value + " must be between 0 and 65535");
    }
}
