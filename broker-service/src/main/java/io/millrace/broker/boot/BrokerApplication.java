package io.millrace.broker.boot;

import org.springframework.boot.WebApplicationType;

/** {@code millrace broker}: a broker, a controller or both, without anything on HTTP. */
public final class BrokerApplication {

    private BrokerApplication() {}

    public static void main(String[] arguments) {
        Launch.main(
                arguments,
                FirstStart.REFUSES,
                null,
                (application, broker, options) -> new Edge.Running(
                        application.web(WebApplicationType.NONE).run(), broker.addresses()));
    }
}
