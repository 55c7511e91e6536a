package io.millrace.sample;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;

/** The listener container: Spring Boot's {@code spring.kafka.*} first, the sample's own keys over them. */
@Configuration(proxyBeanMethods = false)
@Profile("!producer")
class ConsumerConfiguration {

    @Bean
    ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory(
            KafkaProperties kafka, SampleProperties sample, Membership membership) {
        Map<String, Object> config = new HashMap<>(kafka.buildConsumerProperties());
        config.put(ConsumerConfig.GROUP_ID_CONFIG, sample.group());
        config.put(
                ConsumerConfig.GROUP_PROTOCOL_CONFIG, sample.protocol().name().toLowerCase(Locale.ROOT));
        if (sample.protocol() == SampleProperties.Protocol.CLASSIC) {
            config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, sample.assignor().className);
        }
        if (sample.instanceId() != null) {
            config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, sample.instanceId());
        }
        var factory = new ConcurrentKafkaListenerContainerFactory<String, String>();
        factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(config));
        factory.setConcurrency(sample.concurrency());
        factory.getContainerProperties().setAckMode(sample.ackMode());
        factory.getContainerProperties().setConsumerRebalanceListener(membership);
        return factory;
    }
}
