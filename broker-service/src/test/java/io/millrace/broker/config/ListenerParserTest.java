package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.network.ListenerName;
import org.junit.jupiter.api.Test;

class ListenerParserTest {

    private static final Set<ProcessRole> COMBINED = EnumSet.allOf(ProcessRole.class);
    private static final String MAP = "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT";

    private static ListenerParser parser(Set<ProcessRole> roles) {
        return new ListenerParser(roles, MAP, List.of("CONTROLLER"));
    }

    @Test
    void separatesClientsListenersFromTheControllers() {
        Listeners listeners = parser(COMBINED)
                .parse(
                        List.of("INTERNAL://:29092", "CONTROLLER://:29093", "EXTERNAL://0.0.0.0:9092"),
                        List.of("INTERNAL://kafka-1:29092", "EXTERNAL://127.0.0.1:9092"),
                        "INTERNAL",
                        null);

        assertThat(listeners.bound()).hasSize(3);
        assertThat(listeners.bound().getFirst().host()).isNull();
        assertThat(listeners.advertised())
                .extracting(e -> e.listener() + " " + e.host() + ":" + e.port())
                .containsExactly("INTERNAL kafka-1:29092", "EXTERNAL 127.0.0.1:9092");
        assertThat(listeners.interBroker()).isEqualTo(new ListenerName("INTERNAL"));
        assertThat(listeners.advertisedControllers())
                .extracting(e -> e.listener())
                .containsExactly("CONTROLLER");
    }

    @Test
    void anEmptyAdvertisedHostBecomesTheMachinesName() {
        Listeners listeners = parser(COMBINED)
                .parse(
                        List.of("INTERNAL://:29092", "CONTROLLER://:29093"),
                        List.of("INTERNAL://:29092"),
                        "INTERNAL",
                        null);

        assertThat(listeners.advertised().getFirst().host()).isNotBlank();
    }

    @Test
    void readsIpv6Addresses() {
        Listeners listeners = parser(COMBINED)
                .parse(List.of("INTERNAL://[::1]:9092", "CONTROLLER://127.0.0.1:9092"), null, "INTERNAL", null);

        assertThat(listeners.bound().getFirst().host()).isEqualTo("::1");
    }

    @Test
    void refusesWhatKafkaRefuses() {
        refused(
                "Each listener must have a different port",
                List.of("INTERNAL://:1", "CONTROLLER://:1"),
                null,
                "INTERNAL");
        refused(
                "Each listener must have a different name",
                List.of("INTERNAL://:1", "INTERNAL://:2", "CONTROLLER://:3"),
                null,
                "INTERNAL");
        refused(
                "No security protocol defined for listener OTHER",
                List.of("OTHER://:1", "CONTROLLER://:3"),
                null,
                "INTERNAL");
        refused("unable to parse localhost:9092", List.of("localhost:9092"), null, "INTERNAL");
        refused("must be between 0 and 65535", List.of("INTERNAL://:70000", "CONTROLLER://:3"), null, "INTERNAL");
        refused(
                "nonroutable meta-address 0.0.0.0",
                List.of("INTERNAL://0.0.0.0:1", "CONTROLLER://:3"),
                null,
                "INTERNAL");
        refused(
                "must be equal to or a subset of the ones defined in listeners",
                List.of("INTERNAL://:1", "CONTROLLER://:3"),
                List.of("EXTERNAL://host:1"),
                "INTERNAL");
        refused(
                "must be a listener name defined in advertised.listeners",
                List.of("INTERNAL://:1", "CONTROLLER://:3"),
                null,
                "EXTERNAL");
        refused(
                "must contain at least one value appearing in the 'listeners'",
                List.of("INTERNAL://:1"),
                null,
                "INTERNAL");
        refused("There must be at least one broker advertised listener", List.of("CONTROLLER://:1"), null, "INTERNAL");
    }

    @Test
    void aControllerAloneHasOnlyControllerListeners() {
        Set<ProcessRole> controller = EnumSet.of(ProcessRole.CONTROLLER);
        assertThat(parser(controller)
                        .parse(List.of("CONTROLLER://h:3"), null, null, null)
                        .advertised())
                .isEmpty();
        assertThatThrownBy(
                        () -> parser(controller).parse(List.of("CONTROLLER://h:3", "INTERNAL://h:4"), null, null, null))
                .hasMessageContaining("must only contain KRaft controller listeners");
    }

    @Test
    void aBrokerAloneHasNoControllerListener() {
        assertThatThrownBy(() -> parser(EnumSet.of(ProcessRole.BROKER))
                        .parse(List.of("CONTROLLER://h:3", "INTERNAL://h:4"), null, "INTERNAL", null))
                .hasMessageContaining("running KRaft with just the broker role");
    }

    @Test
    void onlyOneKeyMayChooseTheInterBrokerListener() {
        assertThatThrownBy(() -> parser(COMBINED)
                        .parse(List.of("INTERNAL://:1", "CONTROLLER://:3"), null, "INTERNAL", "PLAINTEXT"))
                .hasMessageContaining("Only one of inter.broker.listener.name and security.inter.broker.protocol");
    }

    @Test
    void refusesProtocolsThatAreNotSupportedYet() {
        assertThatThrownBy(
                        () -> new ListenerParser(COMBINED, "INTERNAL:SSL,CONTROLLER:PLAINTEXT", List.of("CONTROLLER"))
                                .parse(List.of("INTERNAL://:1", "CONTROLLER://:3"), null, "INTERNAL", null))
                .hasMessageContaining("listener INTERNAL uses SSL, which is not supported yet");
        assertThatThrownBy(() -> new ListenerParser(COMBINED, "INTERNAL:TLS", List.of("CONTROLLER")))
                .hasMessageContaining("'TLS' is not a security protocol; it must be one of");
    }

    private static void refused(String message, List<String> listeners, List<String> advertised, String interBroker) {
        assertThatThrownBy(() -> parser(COMBINED).parse(listeners, advertised, interBroker, null))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(message);
    }
}
