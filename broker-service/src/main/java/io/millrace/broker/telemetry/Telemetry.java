package io.millrace.broker.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;

/** The registry of a node's metrics, in Prometheus' format. Any thread. */
public final class Telemetry implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    /** Apart, because a framework around the broker measures the process itself, under the same names. */
    private final PrometheusMeterRegistry process = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Where rooms register theirs. */
    public MeterRegistry registry() {
        return registry;
    }

    /** What the rooms measure, for whoever offers it together with something else. */
    public PrometheusRegistry rooms() {
        return registry.getPrometheusRegistry();
    }

    /** Adds what is measured of the JVM and its process to what {@link #scrape} tells. */
    public void measureProcess() {
        collections.bindTo(process);
        List.of(
                        new JvmMemoryMetrics(),
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new FileDescriptorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(process));
    }

    /** All metrics as text. */
    public String scrape() {
        return registry.scrape() + process.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
        process.close();
    }
}
