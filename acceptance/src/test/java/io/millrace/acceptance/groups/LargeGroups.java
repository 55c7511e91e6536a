package io.millrace.acceptance.groups;

import io.millrace.acceptance.client.GroupProtocol;
import io.millrace.acceptance.groups.GroupOfMembers.Setting;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

/**
 * Measures how long a large group takes to settle after its start, after one member leaves and after one dies, and how long each partition
 * stands still. A program of its own, so that it may be run against any broker of this machine:
 *
 * <pre>java -cp … io.millrace.acceptance.groups.LargeGroups PORT BROKER-PID MEMBERS PARTITIONS classic|consumer</pre>
 */
public final class LargeGroups {
    private static final int WARM_UP_MEMBERS = 200;
    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final int SETTLED_SECONDS = 5;
    private static final long LIMIT_MS = 100_000;
    private static final double TICKS_PER_SECOND = 100;

    private LargeGroups() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        long brokerPid = Long.parseLong(arguments[1]);
        int members = Integer.parseInt(arguments[2]);
        int partitions = Integer.parseInt(arguments[3]);
        GroupProtocol protocol = GroupProtocol.valueOf(arguments[4].toUpperCase(Locale.ROOT));
        warmUp(port, protocol);
        measure(port, brokerPid, members, partitions, protocol, System.out);
    }

    /** The members' own code is slow at first, and real members do not share a process. */
    private static void warmUp(int port, GroupProtocol protocol) throws Exception {
        String name = "warm-up-" + protocol;
        Setting setting =
                new Setting(port, name, createTopic(port, name, WARM_UP_MEMBERS), WARM_UP_MEMBERS, SESSION_TIMEOUT_MS);
        try (GroupOfMembers group = new GroupOfMembers(name, setting)) {
            group.join(WARM_UP_MEMBERS, protocol);
            var _ = group.ownership().awaitStable(System.nanoTime(), 1_000, LIMIT_MS);
            group.leaveAll();
        }
    }

    private static void measure(
            int port, long brokerPid, int members, int partitions, GroupProtocol protocol, PrintStream out)
            throws Exception {
        String name = protocol + "-" + members + "-" + partitions;
        Setting setting = new Setting(port, name, createTopic(port, name, partitions), partitions, SESSION_TIMEOUT_MS);
        long quietMs = protocol == GroupProtocol.CLASSIC ? 3_500 : 5_500;
        try (GroupOfMembers group = new GroupOfMembers(name, setting)) {
            Ownership ownership = group.ownership();
            double cpuBefore = cpuSeconds(brokerPid);
            long startNs = System.nanoTime();
            group.join(members, protocol);
            report(out, name, "join", ownership.awaitStable(startNs, quietMs, LIMIT_MS), ownership.takePausesMs());
            out.printf(Locale.ROOT, "%s join broker CPU-s %.2f%n", name, cpuSeconds(brokerPid) - cpuBefore);
            startNs = System.nanoTime();
            group.leaveOne();
            report(out, name, "leave", ownership.awaitStable(startNs, quietMs, LIMIT_MS), ownership.takePausesMs());
            startNs = System.nanoTime();
            group.crashOne();
            report(out, name, "crash", ownership.awaitStable(startNs, quietMs, LIMIT_MS), ownership.takePausesMs());
            cpuBefore = cpuSeconds(brokerPid);
            startNs = System.nanoTime();
            var _ = new CountDownLatch(1).await(SETTLED_SECONDS, TimeUnit.SECONDS);
            double seconds = (System.nanoTime() - startNs) / 1e9;
            out.printf(
                    Locale.ROOT, "%s settled broker cores %.3f%n", name, (cpuSeconds(brokerPid) - cpuBefore) / seconds);
            out.printf("%s partitions owned twice %d, failure %s%n", name, ownership.ownedTwice(), group.failure());
        }
    }

    private static Uuid createTopic(int port, String name, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            Uuid id = admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                    .topicId(name)
                    .get();
            Awaitility.await()
                    .until(() ->
                            admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().stream()
                                    .allMatch(partition -> partition.leader() != null));
            return id;
        }
    }

    private static void report(PrintStream out, String name, String what, double ms, List<Double> pausesMs) {
        out.printf(Locale.ROOT, "%s %s stable after %.0f ms, %d partitions paused", name, what, ms, pausesMs.size());
        if (!pausesMs.isEmpty()) {
            out.printf(Locale.ROOT, ", p50 %.0f max %.0f ms", pausesMs.get(pausesMs.size() / 2), pausesMs.getLast());
        }
        out.println();
    }

    /** User and system time of a process, from Linux. */
    private static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }
}
