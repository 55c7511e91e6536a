package io.millrace.broker.cluster;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterClientQuotasRequest;
import org.apache.kafka.common.requests.AlterClientQuotasResponse;
import org.apache.kafka.controller.QuorumController;

/** Cluster-wide settings: feature levels, client quotas, SCRAM credentials, ACLs. */
final class SettingsApis {

    private final QuorumController controller;
    private final ClusterSettings settings;

    SettingsApis(QuorumController controller, ClusterSettings settings) {
        this.controller = controller;
        this.settings = settings;
    }

    void register(ControllerApis apis) {
        apis.serve(ApiKeys.UPDATE_FEATURES, call -> {
            UpdateFeaturesRequestData request = (UpdateFeaturesRequestData) call.request();
            return controller.updateFeatures(call.context(), request);
        });
        apis.serve(ApiKeys.ALTER_CLIENT_QUOTAS, this::alterClientQuotas);
        apis.serve(
                ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
                call -> controller.alterUserScramCredentials(
                        call.context(settings.requestTimeoutMs()),
                        (AlterUserScramCredentialsRequestData) call.request()));
        // Without an authorizer there are no ACLs to change.
        ControllerApi disabled = call -> {
            throw new SecurityDisabledException("No Authorizer is configured.");
        };
        apis.serve(ApiKeys.CREATE_ACLS, disabled);
        apis.serve(ApiKeys.DELETE_ACLS, disabled);
    }

    private CompletableFuture<AlterClientQuotasResponseData> alterClientQuotas(ControllerCall call) {
        AlterClientQuotasRequestData data = (AlterClientQuotasRequestData) call.request();
        AlterClientQuotasRequest request = new AlterClientQuotasRequest(data, call.version());
        return controller
                .alterClientQuotas(call.context(), request.entries(), request.validateOnly())
                .thenApply(results ->
                        AlterClientQuotasResponse.fromQuotaEntities(results, 0).data());
    }
}
