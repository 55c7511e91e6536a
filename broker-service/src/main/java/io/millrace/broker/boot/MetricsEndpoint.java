package io.millrace.broker.boot;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.broker.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Metrics in Prometheus' format over HTTP, for a node without anything else on HTTP: {@code GET /metrics}, or {@code /actuator/prometheus}. */
final class MetricsEndpoint implements AutoCloseable {
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final int BACKLOG = 50;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    private MetricsEndpoint(HttpServer server, Telemetry telemetry) {
        this.server = server;
        server.setExecutor(executor);
        server.createContext("/metrics", exchange -> answer(exchange, telemetry));
        server.createContext("/actuator/prometheus", exchange -> answer(exchange, telemetry));
        server.start();
    }

    /** Serves at {@code millrace.metrics.listener}, {@code HOST:PORT}. */
    static MetricsEndpoint open(String listener, Telemetry telemetry) {
        int colon = listener.lastIndexOf(':');
        try {
            var address = new InetSocketAddress(
                    listener.substring(0, Math.max(colon, 0)), Integer.parseInt(listener.substring(colon + 1)));
            return new MetricsEndpoint(HttpServer.create(address, BACKLOG), telemetry);
        } catch (IllegalArgumentException e) {
            throw new StartFailure(
                    "millrace.metrics.listener=" + listener + " is not of the form HOST:PORT (127.0.0.1:9404)", e);
        } catch (IOException e) {
            throw new StartFailure(
                    "metrics cannot be served at " + listener + ": " + e.getMessage()
                            + "; stop what uses it, or choose another millrace.metrics.listener",
                    e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, Telemetry telemetry) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] text = telemetry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", TYPE);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.close();
    }
}
