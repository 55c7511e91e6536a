package io.millrace.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

class ServedApisTest {

    /** What an Apache Kafka 4.3.1 broker answers to ApiVersions: key, name, lowest and highest version. */
    private static List<String> apacheTable() throws IOException {
        try (InputStream table = ServedApisTest.class.getResourceAsStream("apikeys-kafka-4.3.1.txt")) {
            assertThat(table).isNotNull();
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    @Test
    void advertisesTheVersionRangesOfApacheKafka() throws IOException {
        List<String> apache = apacheTable();
        Set<ApiKeys> apis = new java.util.HashSet<>();
        apache.forEach(line -> apis.add(ApiKeys.forId(Integer.parseInt(line.split("\t", -1)[0]))));
        List<String> ours = new ServedApis(apis, Set.of())
                .table(ListenerType.BROKER).stream()
                        .map(api -> api.apiKey() + "\t" + ApiKeys.forId(api.apiKey()).name + "\t" + api.minVersion()
                                + "\t" + api.maxVersion())
                        .toList();
        assertThat(ours).containsExactlyElementsOf(apache);
    }

    @Test
    void advertisesOnlyWhatIsServedOnThatKindOfListener() {
        ServedApis served = new ServedApis(
                Set.of(ApiKeys.PRODUCE, ApiKeys.API_VERSIONS), Set.of(ApiKeys.VOTE, ApiKeys.API_VERSIONS));
        assertThat(served.table(ListenerType.BROKER))
                .extracting(ApiVersion::apiKey)
                .containsExactly(ApiKeys.PRODUCE.id, ApiKeys.API_VERSIONS.id);
        assertThat(served.table(ListenerType.CONTROLLER))
                .extracting(ApiVersion::apiKey)
                .containsExactly(ApiKeys.API_VERSIONS.id, ApiKeys.VOTE.id);
        assertThat(served.serves(ListenerType.BROKER, ApiKeys.VOTE, (short) 0)).isFalse();
        assertThat(served.serves(ListenerType.CONTROLLER, ApiKeys.VOTE, (short) 0))
                .isTrue();
    }

    @Test
    void advertisesProduceFromVersion0ButServesItFrom3() {
        ServedApis served = new ServedApis(Set.of(ApiKeys.PRODUCE), Set.of());
        assertThat(served.table(ListenerType.BROKER).find(ApiKeys.PRODUCE.id).minVersion())
                .isEqualTo((short) 0);
        assertThat(served.serves(ListenerType.BROKER, ApiKeys.PRODUCE, (short) 2))
                .isFalse();
        assertThat(served.serves(ListenerType.BROKER, ApiKeys.PRODUCE, (short) 3))
                .isTrue();
    }

    @Test
    void takesApiVersionsInAnyVersion() {
        ServedApis served = new ServedApis(Set.of(ApiKeys.API_VERSIONS), Set.of());
        assertThat(served.serves(ListenerType.BROKER, ApiKeys.API_VERSIONS, (short) 99))
                .isTrue();
        assertThat(served.serves(ListenerType.BROKER, ApiKeys.API_VERSIONS, (short) -1))
                .isTrue();
    }

    @Test
    void refusesAnApiThatDoesNotBelongOnAListener() {
        assertThatThrownBy(() -> new ServedApis(Set.of(ApiKeys.VOTE), Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("VOTE");
    }
}
