package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.PrincipalDeserializationException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.EnvelopeResponse;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client's request in the envelope of a broker: what the controller sees, and what comes back. */
class EnvelopeApiTest {

    private static final KafkaPrincipal ANN = new KafkaPrincipal("User", "ann");
    private static final KafkaPrincipal BOB = new KafkaPrincipal("User", "bob");
    private static final KafkaPrincipal BROKER = new KafkaPrincipal("User", "broker");

    private final List<ControllerCall> calls = new ArrayList<>();
    private final ControllerApis apis = new ControllerApis();
    private final EnvelopeApi envelope = new EnvelopeApi(apis);

    /** Ann may create topics, everybody else may not, the broker included. */
    @BeforeEach
    void serve() {
        apis.serve(ApiKeys.CREATE_TOPICS, call -> {
            calls.add(call);
            if (!call.context().principal().equals(ANN)) {
                throw new ClusterAuthorizationException(call.client().principal() + " may not create topics");
            }
            CreateTopicsResponseData created = new CreateTopicsResponseData();
            created.topics().add(new CreatableTopicResult().setName("orders"));
            return CompletableFuture.completedFuture(created);
        });
    }

    private static ClientContext client(KafkaPrincipal principal, String address) throws Exception {
        return new ClientContext(
                "app", principal, InetAddress.getByName(address), new ListenerName("PLAINTEXT"), (short) 7, 4711);
    }

    private static CreateTopicsRequestData create() {
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        request.topics()
                .add(new CreateTopicsRequestData.CreatableTopic()
                        .setName("orders")
                        .setNumPartitions(1));
        return request;
    }

    /** As the controller answers to the broker that sent it. */
    private EnvelopeResponseData answer(EnvelopeRequestData request) throws Exception {
        ClientContext sender = new ClientContext(
                "broker-2",
                BROKER,
                InetAddress.getByName("10.0.0.2"),
                new ListenerName("CONTROLLER"),
                ApiKeys.ENVELOPE.latestVersion(),
                1);
        return envelope.answer(new ControllerCall(sender, "connection", request, false))
                .join();
    }

    private CreatableTopicResult forward(ClientContext client, ApiMessage request) throws Exception {
        EnvelopeResponseData response =
                answer(Envelopes.wrap(client, request).build().data());
        ApiMessage inside = Envelopes.unwrap(client, ApiKeys.CREATE_TOPICS, new EnvelopeResponse(response));
        return ((CreateTopicsResponseData) inside).topics().find("orders");
    }

    @Test
    void theClientIsAllowedWhatItMayDoThoughTheBrokerMayNot() throws Exception {
        assertThat(forward(client(ANN, "192.168.7.9"), create()).errorCode()).isEqualTo(Errors.NONE.code());

        ControllerCall seen = calls.getFirst();
        assertThat(seen.client().principal()).isEqualTo(ANN);
        assertThat(seen.context().principal()).isEqualTo(ANN);
        assertThat(seen.client().address()).isEqualTo(InetAddress.getByName("192.168.7.9"));
        assertThat(seen.client().clientId()).isEqualTo("app");
        assertThat(seen.client().apiVersion()).isEqualTo((short) 7);
        assertThat(seen.forwarded()).isTrue();
        // Where the controller is to look for what this listener asks of principals.
        assertThat(seen.client().listener()).isEqualTo(new ListenerName("CONTROLLER"));
    }

    @Test
    void theClientIsDeniedWhatItMayNotDo() throws Exception {
        for (KafkaPrincipal other : List.of(BOB, KafkaPrincipal.ANONYMOUS)) {
            CreatableTopicResult refused = forward(client(other, "::1"), create());
            assertThat(refused.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
            assertThat(refused.errorMessage()).contains(other.toString());
        }
        assertThat(calls).extracting(call -> call.client().principal()).containsExactly(BOB, KafkaPrincipal.ANONYMOUS);
    }

    @Test
    void anEnvelopeWithoutAPrincipalIsNotTheBrokersRequest() throws Exception {
        EnvelopeRequestData request =
                Envelopes.wrap(client(ANN, "127.0.0.1"), create()).build().data();
        assertThatThrownBy(() -> answer(request.duplicate().setRequestPrincipal(null)))
                .isInstanceOf(PrincipalDeserializationException.class);
        assertThatThrownBy(() -> answer(request.duplicate().setRequestPrincipal(new byte[] {0, 9, 9})))
                .isInstanceOf(PrincipalDeserializationException.class);
        assertThat(calls).isEmpty();
    }

    @Test
    void onlyWhatMayBeForwardedIsTakenOutOfAnEnvelope() throws Exception {
        EnvelopeRequestData fetch = Envelopes.wrap(
                        new ClientContext(
                                "app",
                                ANN,
                                InetAddress.getLoopbackAddress(),
                                new ListenerName("PLAINTEXT"),
                                ApiKeys.FETCH.latestVersion(),
                                1),
                        new FetchRequestData())
                .build()
                .data();
        assertThatThrownBy(() -> answer(fetch))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("FETCH");
    }

    @Test
    void thatTheControllerHasChangedIsToldTheBrokerNotTheClient() throws Exception {
        ControllerApis standby = new ControllerApis();
        standby.serve(
                ApiKeys.CREATE_TOPICS,
                call -> CompletableFuture.failedFuture(new CompletionException(new NotControllerException("no"))));
        EnvelopeRequestData request =
                Envelopes.wrap(client(ANN, "127.0.0.1"), create()).build().data();
        ClientContext sender = client(BROKER, "127.0.0.1");

        EnvelopeResponseData answer = new EnvelopeApi(standby)
                .answer(new ControllerCall(sender, "connection", request, false))
                .join();

        assertThat(answer.errorCode()).isEqualTo(Errors.NOT_CONTROLLER.code());
        assertThatThrownBy(() -> Envelopes.unwrap(sender, ApiKeys.CREATE_TOPICS, new EnvelopeResponse(answer)))
                .isInstanceOf(NotControllerException.class);
    }
}
