package io.millrace.admin.producer;

import io.millrace.admin.producer.Producers.TopicProducers;
import io.millrace.admin.producer.Producers.Transactions;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Producers and transactions over REST. */
@Tag(name = "producers")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class ProducerController {
    private final Producers producers;

    ProducerController(Producers producers) {
        this.producers = producers;
    }

    /**
     * The idempotent and transactional producers that each partition's leader remembers. Others are not told apart by
     * brokers, and one that has not written for {@code producer.id.expiration.ms} is forgotten.
     */
    @GetMapping("/topics/{topic}/producers")
    TopicProducers ofTopic(@PathVariable String clusterId, @PathVariable String topic) {
        return producers.ofTopic(clusterId, topic);
    }

    /** What each transaction coordinator knows; a cluster that cannot be asked for it says so in {@code warnings}. */
    @GetMapping("/transactions")
    Transactions transactions(@PathVariable String clusterId) {
        return producers.transactions(clusterId);
    }
}
