package io.millrace.standalone;

import io.millrace.broker.boot.Broker;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The broker's part in {@code /actuator/health}. */
final class BrokerHealth implements HealthIndicator {

    private final Broker broker;

    BrokerHealth(Broker broker) {
        this.broker = broker;
    }

    @Override
    public Health health() {
        Health.Builder health = broker.isServing() ? Health.up() : Health.down();
        return health.withDetail("bootstrapServer", broker.bootstrapServer()).build();
    }
}
