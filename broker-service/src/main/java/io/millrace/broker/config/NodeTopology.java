package io.millrace.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a node is: its number, roles, listeners and directories; read from several keys that must fit each other. */
record NodeTopology(int nodeId, Set<ProcessRole> roles, Listeners listeners, List<Path> logDirs, Path metadataLogDir) {

    /** @param given keys that were set, as written */
    static NodeTopology from(Map<String, @Nullable Object> values, Map<String, String> given) {
        int nodeId = nodeId(values, given);
        Set<ProcessRole> roles = roles(words(values, "process.roles"));
        ListenerParser parser = new ListenerParser(
                roles, given.get("listener.security.protocol.map"), words(values, "controller.listener.names"));
        Listeners listeners = parser.parse(
                words(values, "listeners"),
                given.containsKey("advertised.listeners") ? words(values, "advertised.listeners") : null,
                given.get("inter.broker.listener.name"),
                given.get("security.inter.broker.protocol"));
        checkQuorum(nodeId, roles, values);
        List<Path> logDirs = logDirs(values, given);
        Object metadataDir = values.get("metadata.log.dir");
        Path metadataLogDir = metadataDir == null ? logDirs.getFirst() : absolute(metadataDir.toString());
        return new NodeTopology(nodeId, roles, listeners, logDirs, metadataLogDir);
    }

    private static int nodeId(Map<String, @Nullable Object> values, Map<String, String> given) {
        String node = given.get("node.id");
        String broker = given.get("broker.id");
        require(
                node == null || broker == null || node.strip().equals(broker.strip()),
                "node.id=" + node + " and broker.id=" + broker + " differ; leave broker.id out");
        Object value = values.get(node != null ? "node.id" : "broker.id");
        require(
                value instanceof Integer id && id >= 0,
                "Missing required configuration `node.id`: every node of a cluster needs a number of its own");
        return value instanceof Integer id ? id : -1;
    }

    private static Set<ProcessRole> roles(List<String> names) {
        Set<ProcessRole> roles = EnumSet.noneOf(ProcessRole.class);
        for (String name : names) {
            switch (name.strip().toLowerCase(Locale.ROOT)) {
                case "broker" -> roles.add(ProcessRole.BROKER);
                case "controller" -> roles.add(ProcessRole.CONTROLLER);
                default ->
                    throw new InvalidConfiguration("process.roles=" + name + " is not allowed: Unknown process role '"
                            + name + "' (only 'broker' and 'controller' are allowed roles)");
            }
        }
        require(!roles.isEmpty(), "process.roles must contain 'broker', 'controller' or both");
        require(roles.size() == names.size(), "Duplicate role names found in `process.roles`: " + names);
        return roles;
    }

    private static void checkQuorum(int nodeId, Set<ProcessRole> roles, Map<String, @Nullable Object> values) {
        List<String> voters = words(values, "controller.quorum.voters");
        List<String> bootstrap = words(values, "controller.quorum.bootstrap.servers");
        require(
                !voters.isEmpty() || !bootstrap.isEmpty(),
                "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap"
                        + " controllers or controller.quorum.voters must contain a parseable set of controllers.");
        require(
                roles.contains(ProcessRole.CONTROLLER)
                        || !Boolean.TRUE.equals(values.get("controller.quorum.auto.join.enable")),
                "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller'"
                        + " role.");
        if (voters.isEmpty()) {
            return;
        }
        Set<String> ids = new LinkedHashSet<>();
        voters.forEach(voter ->
                ids.add(voter.substring(0, Math.max(0, voter.indexOf('@'))).strip()));
        boolean listed = ids.contains(Integer.toString(nodeId));
        require(
                !roles.contains(ProcessRole.CONTROLLER) || listed,
                "If process.roles contains the 'controller' role, the node id " + nodeId
                        + " must be included in the set of voters controller.quorum.voters=" + ids);
        require(
                roles.contains(ProcessRole.CONTROLLER) || !listed,
                "If process.roles does not contain the 'controller' role, the node id " + nodeId
                        + " must not be included in the set of voters controller.quorum.voters=" + ids);
    }

    private static List<Path> logDirs(Map<String, @Nullable Object> values, Map<String, String> given) {
        List<String> names = given.containsKey("log.dirs") ? words(values, "log.dirs") : words(values, "log.dir");
        Set<Path> paths = new LinkedHashSet<>();
        for (String name : names) {
            require(paths.add(absolute(name.strip())), "log.dirs names the directory " + name.strip() + " twice");
        }
        require(!paths.isEmpty(), "log.dirs must name at least one directory");
        return List.copyOf(paths);
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    /** A list's words; Kafka defines some of these keys as lists and some as text with commas. */
    private static List<String> words(Map<String, @Nullable Object> values, String key) {
        Object value = values.get(key);
        List<String> words = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(word -> words.add(String.valueOf(word)));
        } else if (value != null) {
            words.addAll(List.of(value.toString().split("\\s*,\\s*")));
        }
        words.removeIf(String::isBlank);
        return words;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new InvalidConfiguration(otherwise);
        }
    }
}
