package io.millrace.standalone;

import io.millrace.admin.AdminModule;
import io.millrace.broker.boot.Broker;
import io.millrace.broker.boot.Edge;
import io.millrace.broker.boot.FirstStart;
import io.millrace.broker.boot.Launch;
import io.millrace.broker.boot.LaunchOptions;
import io.millrace.broker.boot.StartFailure;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.Objects;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** {@code millrace start}: broker, admin API and console in one process, with data in {@code ./data}. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({AdminModule.class, BrokerHealth.class})
public class StandaloneApplication {

    public static void main(String[] arguments) {
        Launch.main(arguments, FirstStart.FORMATS, Path.of("data"), StandaloneApplication::start);
    }

    /** The broker's metrics and those of everything else in the process are scraped together. */
    @Bean
    PrometheusRegistry prometheusRegistry(Broker broker) {
        return broker.telemetry().rooms();
    }

    private static Edge.Running start(SpringApplicationBuilder application, Broker broker, LaunchOptions options) {
        ConfigurableApplicationContext context = run(application, broker, options.httpPort());
        String port = Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port"));
        String address = context.getEnvironment().getProperty("server.address", "127.0.0.1");
        String host = address.equals("127.0.0.1") ? "localhost" : address;
        return new Edge.Running(context, broker.addresses() + ", console on http://" + host + ":" + port + "/");
    }

    private static ConfigurableApplicationContext run(
            SpringApplicationBuilder application, Broker broker, int httpPort) {
        try {
            return application
                    .sources(StandaloneApplication.class)
                    .run(
                            "--server.port=" + httpPort,
                            "--millrace.clusters[0].bootstrap-servers=" + broker.bootstrapServer());
        } catch (ApplicationContextException e) {
            if (e.getCause() instanceof PortInUseException) {
                throw new StartFailure(
                        "HTTP port " + httpPort + " is in use; stop what uses it, or choose another with --http-port",
                        e);
            }
            throw e;
        }
    }
}
