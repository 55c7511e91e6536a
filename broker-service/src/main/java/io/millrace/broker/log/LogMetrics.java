package io.millrace.broker.log;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What is measured of {@code log.dirs}, when somebody asks. */
public final class LogMetrics {
    private LogMetrics() {}

    public static void register(LogDirectories directories, MeterRegistry registry) {
        Gauge.builder(
                        "millrace.log.dirs.offline",
                        directories,
                        all -> all.directories().stream()
                                .filter(directory -> !directory.online())
                                .count())
                .description("Log directories that this broker cannot use")
                .register(registry);
        Gauge.builder(
                        "millrace.log.dirs.usable",
                        directories,
                        all -> all.directories().stream()
                                .filter(LogDirectories.LogDirectory::online)
                                .mapToLong(LogDirectories.LogDirectory::usableBytes)
                                .sum())
                .baseUnit("bytes")
                .description("Room that is left in the log directories")
                .register(registry);
    }
}
