package io.millrace.admin.strimzi;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;

/** Strimzi manifests over real brokers. */
class ManifestsApiTest extends LiveApi {
    @Test
    void strimziManifestsAreAppliedAndOnlyDifferencesChangeAnything() throws Exception {
        String manifest = """
                apiVersion: kafka.strimzi.io/v1beta2
                kind: KafkaTopic
                metadata:
                  name: %s
                  labels:
                    strimzi.io/cluster: local
                spec:
                  partitions: %d
                  replicas: 1
                  config:
                    retention.ms: 7200000
                """;
        assertThat(apply(manifest.formatted(topic, 1)).text("/items/0/outcome")).isEqualTo("CREATED");
        assertThat(apply(manifest.formatted(topic, 1)).text("/items/0/outcome")).isEqualTo("UNCHANGED");
        assertThat(apply(manifest.formatted(topic, 3)).text("/items/0/outcome")).isEqualTo("CONFIGURED");
        Answer shrunk = apply(manifest.formatted(topic, 2));
        assertThat(shrunk.text("/items/0/outcome")).isEqualTo("FAILED");
        assertThat(shrunk.text("/items/0/code")).isEqualTo("PARTITIONS_CANNOT_SHRINK");
        assertThat(apply("kind: Deployment\napiVersion: apps/v1").text("/code")).isEqualTo("INVALID_MANIFEST");
    }

    private Answer apply(String yaml) throws Exception {
        return send(HttpRequest.newBuilder(uri("/topics:apply"))
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(yaml)));
    }
}
