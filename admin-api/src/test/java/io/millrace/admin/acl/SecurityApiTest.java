package io.millrace.admin.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.BrokerProcess;
import io.millrace.admin.kafka.LiveApi;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.junit.jupiter.api.Test;

/** What the cluster says of its own security. */
class SecurityApiTest extends LiveApi {
    @Test
    void aClusterWithoutAnAuthorizerIsAStateNotAFailure() throws Exception {
        Answer acls = get("/acls");
        assertThat(acls.status()).isEqualTo(200);
        assertThat(acls.text("/state")).isEqualTo("OFF");
        assertThat(acls.text("/note")).isNotBlank();
        assertThat(acls.body().at("/items")).isEmpty();
    }

    @Test
    void quotasAreReadAsAnAdminClientSetThem() throws Exception {
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, topic));
        try (Admin admin = admin()) {
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                            entity, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1_024.0)))))
                    .all()
                    .get();
        }
        // The controller has answered; the broker that is asked hears of it a moment later.
        await().atMost(BrokerProcess.patience()).untilAsserted(() -> {
            Answer quotas = get("/client-quotas");
            assertThat(quotas.text("/state")).isEqualTo("READ");
            assertThat(quotas.body().at("/items").valueStream()).anySatisfy(quota -> {
                assertThat(quota.at("/entity/0/type").asString()).isEqualTo("client-id");
                assertThat(quota.at("/entity/0/name").asString()).isEqualTo(topic);
                assertThat(quota.at("/limits/producer_byte_rate").asDouble()).isEqualTo(1_024.0);
            });
        });
    }

    @Test
    void scramUsersAreListedWhereTheClusterKnowsThem() throws Exception {
        Answer users = get("/users");
        assertThat(users.status()).isEqualTo(200);
        assertThat(users.text("/state")).isIn("READ", "UNSUPPORTED");
    }

    @Test
    void anUnknownClusterIsSaid() throws Exception {
        URI nowhere = URI.create("http://127.0.0.1:" + port + "/api/v1/clusters/nowhere/acls");
        assertProblem(send(HttpRequest.newBuilder(nowhere)), 404, "UNKNOWN_CLUSTER");
    }
}
