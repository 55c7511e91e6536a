package io.millrace.admin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.AdminApplication;
import io.millrace.admin.kafka.KafkaProcess;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** B2 as the seed writes it: a manifest is applied again after each edit, and topics are listed in kubectl's columns. */
@SpringBootTest(classes = AdminApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class TopicCommandTest {
    private final String topic = "b2-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "");

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    @DynamicPropertySource
    static void cluster(DynamicPropertyRegistry registry) {
        registry.add("millrace.clusters[0].bootstrap-servers", KafkaProcess::bootstrap);
    }

    @Test
    void aManifestIsAppliedAgainAfterEachEdit() throws Exception {
        assertThat(apply(1, "--dry-run")).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " created (dry run)\n");
        assertThat(apply(1)).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " created\n");
        assertThat(apply(1)).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " unchanged\n");
        assertThat(apply(3)).isEqualTo("kafkatopic.kafka.strimzi.io/" + topic + " configured\n");
        String gap = " ".repeat(topic.length() - "NAME".length());
        assertThat(run("get", "topics", topic))
                .isEqualTo("NAME" + gap + "   CLUSTER   PARTITIONS   REPLICATION-FACTOR   READY\n" + topic
                        + "   local     3            1                    True\n");
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
                    strimzi.io/cluster: local
                spec:
                  partitions: %d
                  replicas: 1
                """.formatted(topic, partitions));
        String[] args = new String[options.length + 3];
        System.arraycopy(options, 0, args, 3, options.length);
        args[0] = "apply";
        args[1] = "-f";
        args[2] = manifest.toString();
        return run(args);
    }

    private String run(String... args) throws Exception {
        String[] all = java.util.Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--api";
        all[args.length + 1] = "http://127.0.0.1:" + port;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        new TopicCommand(new PrintStream(output, true, StandardCharsets.UTF_8)).run(all);
        return output.toString(StandardCharsets.UTF_8);
    }
}
