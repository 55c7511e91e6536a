package io.millrace.admin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.kafka.LiveApi;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** B2 as the seed writes it: a manifest is applied again after each edit, and topics are listed in kubectl's columns. */
class TopicCommandTest extends LiveApi {
    @TempDir
    Path directory;

    @Test
    void aManifestIsAppliedAgainAfterEachEdit() throws Exception {
        assertThat(apply(1, "--dry-run")).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " created (dry run)\n");
        assertThat(apply(1)).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " created\n");
        assertThat(apply(1)).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " unchanged\n");
        assertThat(apply(3)).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " configured\n");
        String cluster = String.format("%-7s", kind.id());
        String line =
                "%-" + topic.length() + "s   %-" + cluster.length() + "s   PARTITIONS   REPLICATION-FACTOR   READY\n";
        assertThat(run("get", "topics", topic))
                .isEqualTo(line.formatted("NAME", "CLUSTER") + topic + "   " + cluster
                        + "   3            1                    True\n");
        assertThat(run("get", "topics")).contains(topic);
        assertThatThrownBy(() -> apply(2))
                .hasMessage(topic + ": topic '" + topic
                        + "' has 3 partitions; partitions can be added but not removed (asked for 2)");
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() {
        assertThatThrownBy(() -> run("get", "topics", "nope")).hasMessage("there is no topic 'nope'");
        assertThatThrownBy(() -> run("apply")).hasMessageContaining("-f FILE");
        assertThatThrownBy(() -> run("apply", "-f", "/does/not/exist"))
                .hasMessage("there is no file '/does/not/exist'");
        assertThatThrownBy(() -> run("get", "pods")).hasMessageContaining("not 'get pods'");
        assertThatThrownBy(() -> run("get", "topics", "--cluster", "nowhere"))
                .hasMessageContaining("no cluster 'nowhere'");
        assertThatThrownBy(() -> new TopicCommand(System.out).run("get", "topics", "--api", "http://127.0.0.1:1"))
                .hasMessage("no admin API answers at http://127.0.0.1:1; start one, or name another with --api URL");
    }

    private String apply(int partitions, String... options) throws Exception {
        Path manifest = Files.writeString(directory.resolve("topic.yaml"), """
                apiVersion: kafka.strimzi.io/v1beta2
                kind: KafkaTopic
                metadata:
                  name: %s
                  labels:
                    strimzi.io/cluster: %s
                spec:
                  partitions: %d
                  replicas: 1
                """.formatted(topic, kind.id(), partitions));
        String[] args = new String[options.length + 3];
        System.arraycopy(options, 0, args, 3, options.length);
        args[0] = "apply";
        args[1] = "-f";
        args[2] = manifest.toString();
        return run(args);
    }

    private String run(String... args) throws Exception {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--api", "http://127.0.0.1:" + port));
        if (!all.contains("--cluster")) all.addAll(List.of("--cluster", kind.id()));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        new TopicCommand(new PrintStream(output, true, StandardCharsets.UTF_8)).run(all.toArray(String[]::new));
        return output.toString(StandardCharsets.UTF_8);
    }
}
