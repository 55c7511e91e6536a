package io.millrace.broker.request;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;

/** The keys of a client metrics subscription (KIP-714). */
final class ClientMetricsKeys {

    static final ConfigDef DEFINITIONS = new ConfigDef()
            .define(
                    "metrics",
                    ConfigDef.Type.LIST,
                    List.of(),
                    ConfigDef.Importance.MEDIUM,
                    "Telemetry metric name prefix list")
            .define(
                    "interval.ms",
                    ConfigDef.Type.INT,
                    300_000,
                    ConfigDef.Importance.MEDIUM,
                    "Metrics push interval in milliseconds")
            .define("match", ConfigDef.Type.LIST, List.of(), ConfigDef.Importance.MEDIUM, "Client match criteria");

    private ClientMetricsKeys() {}
}
