package io.millrace.broker.network;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.protocol.ApiKeys;

/** What is measured of the network: connections, and requests by API. Everything is added up when somebody asks. */
public final class NetworkMetrics {
    private NetworkMetrics() {}

    /** Registers the meters; {@code apis} are those that may be asked for. */
    public static void register(Server server, Set<ApiKeys> apis, MeterRegistry registry) {
        Gauge.builder("millrace.connections", server, Server::connectionCount)
                .description("Open connections, of all listeners")
                .register(registry);
        // The registry holds what it measures weakly: it must be the server itself, which lives as long as its node.
        for (ApiKeys api : apis) {
            FunctionTimer.builder(
                            "millrace.requests",
                            server,
                            one -> sum(one, times -> times.count(api)),
                            one -> sum(one, times -> times.durationNs(api)),
                            TimeUnit.NANOSECONDS)
                    .tag("api", api.name)
                    .description(
                            "Answered requests, and how long they took from their last byte to their answer; fetches wait for records")
                    .register(registry);
            FunctionCounter.builder("millrace.request.size", server, one -> sum(one, times -> times.sizeBytes(api)))
                    .tag("api", api.name)
                    .baseUnit("bytes")
                    .description("Bytes of answered requests")
                    .register(registry);
        }
    }

    private static long sum(Server server, ToLongFunction<RequestTimes> value) {
        return server.requestTimes().stream().mapToLong(value).sum();
    }
}
