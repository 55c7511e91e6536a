package io.millrace.acceptance.chaos;

import io.millrace.acceptance.process.CommandResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A network namespace for each node and one, with the bridge between them, for the clients; the machine's own network is not touched.
 * Packets are dropped by iptables and delayed by netem or, where the kernel has none, held up by a slow link.
 */
final class Namespaces implements Landscape {

    private static final String NETWORK = "10.77.0.";
    private static final int CLIENTS_HOST = 254;

    private final String prefix;
    private final int nodes;

    private Namespaces(String prefix, int nodes) {
        this.prefix = prefix;
        this.nodes = nodes;
    }

    /** Whether this machine lets this process make namespaces and filter packets in them. */
    static boolean areAllowed() {
        if (System.getProperty("chaos.plain") != null) {
            return false;
        }
        String probe = "mlprobe" + ProcessHandle.current().pid();
        try {
            return succeeds("ip", "netns", "add", probe)
                    && succeeds("ip", "netns", "exec", probe, "iptables", "-A", "INPUT", "-s", "10.1.1.1", "-j", "DROP")
                    && succeeds("ip", "-n", probe, "link", "add", "probe0", "type", "veth", "peer", "name", "probe1");
        } finally {
            boolean _ = succeeds("ip", "netns", "del", probe);
        }
    }

    private static boolean succeeds(String... command) {
        try {
            return CommandResult.of(command).exitCode() == 0;
        } catch (RuntimeException | AssertionError notThere) {
            return false;
        }
    }

    /** Makes them. */
    static Namespaces create(int nodes) {
        Namespaces made = new Namespaces("ml" + ProcessHandle.current().pid() + "-", nodes);
        try {
            made.build();
            return made;
        } catch (RuntimeException | AssertionError e) {
            made.close();
            throw e;
        }
    }

    /** Those that another process has made. */
    static Namespaces of(String prefix, int nodes) {
        return new Namespaces(prefix, nodes);
    }

    String prefix() {
        return prefix;
    }

    private void build() {
        String hub = name(CLIENTS);
        run("ip", "netns", "add", hub);
        run("ip", "-n", hub, "link", "set", "lo", "up");
        run("ip", "-n", hub, "link", "add", "bridge", "type", "bridge");
        run("ip", "-n", hub, "address", "add", address(CLIENTS) + "/24", "dev", "bridge");
        run("ip", "-n", hub, "link", "set", "bridge", "up");
        for (int node = 1; node <= nodes; node++) {
            String name = name(node);
            run("ip", "netns", "add", name);
            run("ip", "-n", name, "link", "set", "lo", "up");
            run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "node" + node, "netns", hub);
            run("ip", "-n", hub, "link", "set", "node" + node, "master", "bridge", "up");
            run("ip", "-n", name, "address", "add", address(node) + "/24", "dev", "eth0");
            run("ip", "-n", name, "link", "set", "eth0", "up");
        }
    }

    private String name(int node) {
        return prefix + (node == CLIENTS ? "clients" : "node" + node);
    }

    private static String address(int node) {
        return NETWORK + (node == CLIENTS ? CLIENTS_HOST : node);
    }

    private static void run(String... command) {
        CommandResult.of(command).succeeded();
    }

    private void runAt(int node, String... command) {
        List<String> all = new ArrayList<>(at(node));
        all.addAll(Arrays.asList(command));
        run(all.toArray(String[]::new));
    }

    @Override
    public String kafka(int node) {
        return address(node) + ":9092";
    }

    @Override
    public String controller(int node) {
        return address(node) + ":9093";
    }

    @Override
    public List<String> at(int node) {
        return List.of("ip", "netns", "exec", name(node));
    }

    @Override
    public boolean hasNetwork() {
        return true;
    }

    @Override
    public void cut(int from, int to) {
        runAt(to, "iptables", "-A", "INPUT", "-s", address(from), "-j", "DROP");
    }

    @Override
    public void lose(int node) {
        runAt(
                node,
                "iptables",
                "-A",
                "INPUT",
                "-i",
                "eth0",
                "-m",
                "statistic",
                "--mode",
                "random",
                "--probability",
                "0.2",
                "-j",
                "DROP");
    }

    @Override
    public void slow(int node) {
        String[] netem = {
            "tc", "-n", name(node), "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "80ms", "40ms"
        };
        if (!succeeds(netem)) {
            run(
                    "tc",
                    "-n",
                    name(node),
                    "qdisc",
                    "add",
                    "dev",
                    "eth0",
                    "root",
                    "tbf",
                    "rate",
                    "400kbit",
                    "burst",
                    "4kb",
                    "latency",
                    "400ms");
        }
    }

    @Override
    public void heal() {
        for (int node = 0; node <= nodes; node++) {
            runAt(node, "iptables", "-F", "INPUT");
            if (node != CLIENTS) {
                boolean _ = succeeds("tc", "-n", name(node), "qdisc", "del", "dev", "eth0", "root");
            }
        }
    }

    @Override
    public void close() {
        for (int node = nodes; node >= 0; node--) {
            boolean _ = succeeds("ip", "netns", "del", name(node));
        }
    }
}
