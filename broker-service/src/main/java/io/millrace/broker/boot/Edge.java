package io.millrace.broker.boot;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** What is around the broker in its process: the Spring application that a main class wants. */
@FunctionalInterface
public interface Edge {

    /**
     * The running application.
     *
     * @param addresses what to tell the user: where he finds what
     */
    record Running(ConfigurableApplicationContext context, String addresses) {}

    /** Starts the application; {@code broker} serves already and is a bean of it, as are its options and configuration. */
    Running start(SpringApplicationBuilder application, Broker broker, LaunchOptions options);
}
