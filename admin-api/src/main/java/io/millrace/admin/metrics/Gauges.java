package io.millrace.admin.metrics;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects gauges for one scrape. Not safe for threads. */
public final class Gauges {
    private final Map<String, GaugeSnapshot.Builder> byName = new LinkedHashMap<>();

    /** One value; the labels are names and values in turn. */
    public void add(String name, String help, Number value, String... labels) {
        byName.computeIfAbsent(
                        name, ignored -> GaugeSnapshot.builder().name(name).help(help))
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .value(value.doubleValue())
                        .build());
    }

    public MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        byName.values().forEach(gauge -> all.metricSnapshot(gauge.build()));
        return all.build();
    }
}
