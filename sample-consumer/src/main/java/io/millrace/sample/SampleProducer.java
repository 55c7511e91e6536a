package io.millrace.sample;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Profile;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/** Sends records at a steady pace and logs where each one went. */
@Component
@Profile("producer")
class SampleProducer implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SampleProducer.class);

    private final SampleProperties properties;
    private final KafkaTemplate<String, String> template;
    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
    private volatile boolean running;
    private long sent; // on the pace's thread

    SampleProducer(SampleProperties properties, KafkaTemplate<String, String> template) {
        this.properties = properties;
        this.template = template;
    }

    @Override
    public void start() {
        running = true;
        long intervalNs = properties.producer().interval().toNanos();
        var _ = pace.scheduleAtFixedRate(this::send, 0, intervalNs, TimeUnit.NANOSECONDS);
    }

    @Override
    public void stop() {
        running = false;
        pace.shutdown();
        template.flush();
        log.info("{} records sent to {}", sent, properties.topic());
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void send() {
        var settings = properties.producer();
        for (int i = 0; i < settings.recordsPerSend(); i++) {
            if (settings.limit() > 0 && sent == settings.limit()) {
                pace.shutdown();
                return;
            }
            sent++;
            String key = settings.keys() == 0 ? null : "key" + ((sent - 1) % settings.keys() + 1);
            var toSend = new ProducerRecord<String, String>(properties.topic(), key, "message-" + sent);
            var _ = template.send(toSend).whenComplete((result, failure) -> {
                if (failure == null) {
                    log.info("sent {} key={} value={}", result.getRecordMetadata(), key, toSend.value());
                } else {
                    log.error("{} key={} was not sent: {}", toSend.value(), key, failure.getMessage());
                }
            });
        }
    }
}
