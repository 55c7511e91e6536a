package io.millrace.admin.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.BrokerProcess.Kind;
import io.millrace.admin.kafka.LiveApi;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who writes to a topic, as its leaders know them. */
class ProducersApiTest extends LiveApi {

    @Test
    void anIdempotentProducerIsTheOneThatTheLeaderKnows() throws Exception {
        create(topic, 2);
        assertThat(get("/topics/" + topic + "/producers").body().at("/items")).isEmpty();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < 5; i++)
                producer.send(new ProducerRecord<>(topic, 1, "k", "v")).get();
            Answer answer = get("/topics/" + topic + "/producers");
            assertThat(answer.body().at("/items")).hasSize(1);
            JsonNode known = answer.body().at("/items/0");
            assertThat(known.at("/partition").asInt()).isEqualTo(1);
            assertThat(known.at("/producerId").isString()).isTrue();
            assertThat(known.at("/producerEpoch").asInt()).isZero();
            assertThat(known.at("/lastSequence").asInt()).isEqualTo(4);
            assertThat(known.at("/lastTimestamp").asString()).startsWith("20");
            assertThat(known.has("transactionStartOffset")).isFalse();
            assertThat(answer.body().at("/warnings")).isEmpty();
        }
        assertProblem(get("/topics/nope/producers"), 404, "UNKNOWN_TOPIC");
    }

    /** Millrace has no transactions yet, and the answer says so. */
    @Test
    void anOpenTransactionIsSeenWithItsBeginning() throws Exception {
        if (kind == Kind.MILLRACE) {
            Answer answer = get("/transactions");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text("/warnings/0/code")).isEqualTo("KAFKA_UNSUPPORTED_VERSION");
            return;
        }
        create(topic, 1);
        fill(3);
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", topic))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "k", "v")).get();
            JsonNode items = get("/topics/" + topic + "/producers").body().at("/items");
            JsonNode open = items.valueStream()
                    .filter(one -> one.has("transactionStartOffset"))
                    .findFirst()
                    .orElseThrow();
            assertThat(open.at("/transactionStartOffset").asString()).isEqualTo("3");
            JsonNode transaction = get("/transactions")
                    .body()
                    .at("/items")
                    .valueStream()
                    .filter(one -> one.at("/transactionalId").asString().equals(topic))
                    .findFirst()
                    .orElseThrow();
            assertThat(transaction.at("/producerId")).isEqualTo(open.at("/producerId"));
            assertThat(transaction.at("/state").asString()).isEqualTo("Ongoing");
            producer.abortTransaction();
        }
    }

    private KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new java.util.HashMap<>(more);
        settings.put("bootstrap.servers", bootstrap());
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }
}
