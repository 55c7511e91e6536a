package io.millrace.broker.boot;

import io.millrace.broker.cluster.StorageException;
import io.millrace.broker.cluster.StorageFormatter;
import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.NodeConfig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Endpoint;
import org.jspecify.annotations.Nullable;

/** {@code millrace format} and {@code millrace random-uuid}: what kafka-storage does, with its arguments. */
public final class StorageCommand {

    private @Nullable String clusterId;
    private @Nullable Path configFile;
    private @Nullable String initialControllers;
    private @Nullable String releaseVersion;
    private boolean ignoreFormatted;
    private boolean standalone;
    private boolean noInitialControllers;
    private final Map<String, Short> featureLevels = new HashMap<>();
    private final List<String> scramArguments = new ArrayList<>();

    private StorageCommand() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        try {
            Deque<String> rest = new ArrayDeque<>(arguments);
            String command = rest.isEmpty() ? "" : rest.removeFirst();
            switch (command) {
                case "random-uuid" -> out.println(StorageFormatter.randomClusterId());
                case "format" -> new StorageCommand().format(rest, out);
                default -> throw new StartFailure("unknown command '" + command + "'; use format or random-uuid");
            }
            return 0;
        } catch (StartFailure | StorageException | InvalidConfiguration e) {
            err.println("millrace: " + e.getMessage());
            return 1;
        }
    }

    private void format(Deque<String> rest, PrintStream out) throws StorageException {
        parse(rest);
        if (clusterId == null || configFile == null) {
            throw new StartFailure("format needs a cluster id and a configuration: format -t CLUSTER_ID -c FILE"
                    + " (millrace random-uuid prints a new id)");
        }
        NodeConfig config =
                LaunchOptions.parse("--config", configFile.toString()).nodeConfig(System.getenv(), null);
        boolean voters = !config.list("controller.quorum.voters").isEmpty();
        if (voters && (standalone || initialControllers != null)) {
            throw new StartFailure(
                    "controller.quorum.voters is set, so the quorum is static: leave out --standalone and"
                            + " --initial-controllers, or use controller.quorum.bootstrap.servers");
        }
        if (standalone && !config.isController()) {
            throw new StartFailure(
                    "--standalone makes this node its quorum's first voter, but process.roles has no 'controller';"
                            + " leave it out for a broker");
        }
        if (!voters && config.isController() && !standalone && initialControllers == null && !noInitialControllers) {
            throw new StartFailure(
                    "controller.quorum.voters is not set, so this controller must know how its quorum begins:"
                            + " give --standalone, --initial-controllers or --no-initial-controllers");
        }
        StorageFormatter.format(request(config, clusterId, !voters), out);
    }

    private StorageFormatter.FormatRequest request(NodeConfig config, String cluster, boolean dynamicQuorum) {
        List<Endpoint> controllers = config.listeners().advertisedControllers();
        return new StorageFormatter.FormatRequest(
                config.nodeId(),
                cluster,
                new LinkedHashSet<>(config.logDirs()),
                config.metadataLogDir(),
                config.listeners().controllers().getFirst().value(),
                initialControllers,
                standalone,
                controllers.isEmpty()
                        ? null
                        : controllers.getFirst().host() + ":"
                                + controllers.getFirst().port(),
                dynamicQuorum,
                releaseVersion,
                featureLevels,
                scramArguments,
                ignoreFormatted);
    }

    private void parse(Deque<String> rest) {
        while (!rest.isEmpty()) {
            String option = rest.removeFirst();
            switch (option) {
                case "-t", "--cluster-id" -> clusterId = valueOf(option, rest);
                case "-c", "--config" -> configFile = Path.of(valueOf(option, rest));
                case "-g", "--ignore-formatted" -> ignoreFormatted = true;
                case "-s", "--standalone" -> standalone = true;
                case "-N", "--no-initial-controllers" -> noInitialControllers = true;
                case "-I", "--initial-controllers" -> initialControllers = valueOf(option, rest);
                case "-r", "--release-version" -> releaseVersion = valueOf(option, rest);
                case "-f", "--feature" -> feature(valueOf(option, rest));
                case "-S", "--add-scram" -> scramArguments.add(valueOf(option, rest));
                default -> throw new StartFailure("unknown argument '" + option + "' of format");
            }
        }
    }

    private void feature(String text) {
        int equals = text.indexOf('=');
        try {
            featureLevels.put(text.substring(0, Math.max(0, equals)), Short.parseShort(text.substring(equals + 1)));
        } catch (NumberFormatException e) {
            throw new StartFailure("--feature " + text + " is not of the form NAME=LEVEL");
        }
    }

    private static String valueOf(String option, Deque<String> rest) {
        if (rest.isEmpty()) {
            throw new StartFailure(option + " needs a value");
        }
        return rest.removeFirst();
    }
}
