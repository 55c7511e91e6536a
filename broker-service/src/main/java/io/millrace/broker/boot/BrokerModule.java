package io.millrace.broker.boot;

import io.millrace.broker.config.NodeConfig;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The broker as a part of a Spring application: one bean that starts before everything else and stops after it. */
@Configuration(proxyBeanMethods = false)
public class BrokerModule {

    @Bean
    public Broker broker(NodeConfig config) {
        return new Broker(config, System.getenv());
    }

    @Bean
    BrokerLifecycle brokerLifecycle(Broker broker) {
        return new BrokerLifecycle(broker);
    }
}
