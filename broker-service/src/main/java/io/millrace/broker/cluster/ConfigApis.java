package io.millrace.broker.cluster;

import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.controller.QuorumController;

/** Changing the configuration of topics, brokers, groups and client metrics. */
final class ConfigApis {

    private final QuorumController controller;

    ConfigApis(QuorumController controller) {
        this.controller = controller;
    }

    void register(ControllerApis apis) {
        apis.serve(ApiKeys.ALTER_CONFIGS, this::alterConfigs);
        apis.serve(ApiKeys.INCREMENTAL_ALTER_CONFIGS, this::incrementalAlterConfigs);
    }

    private CompletableFuture<AlterConfigsResponseData> alterConfigs(ControllerCall call) {
        AlterConfigsRequestData request = (AlterConfigsRequestData) call.request();
        AlterConfigsResponseData response = new AlterConfigsResponseData();
        Changes<String> changes = new Changes<>((type, name, error) -> response.responses()
                .add(new AlterConfigsResponseData.AlterConfigsResourceResponse()
                        .setResourceType(type)
                        .setResourceName(name)
                        .setErrorCode(error.error().code())
                        .setErrorMessage(error.message())));
        request.resources().forEach(resource -> {
            Map<String, String> values = new HashMap<>();
            resource.configs().forEach(config -> values.put(config.name(), config.value()));
            changes.add(resource.resourceType(), resource.resourceName(), values);
        });
        changes.refuseRepeated();
        return controller
                .legacyAlterConfigs(call.context(), changes.byResource, request.validateOnly(), call.forwarded())
                .thenApply(results -> {
                    changes.report(results);
                    return response;
                });
    }

    private CompletableFuture<IncrementalAlterConfigsResponseData> incrementalAlterConfigs(ControllerCall call) {
        IncrementalAlterConfigsRequestData request = (IncrementalAlterConfigsRequestData) call.request();
        IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
        Changes<Map.Entry<OpType, String>> changes = new Changes<>((type, name, error) -> response.responses()
                .add(new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse()
                        .setResourceType(type)
                        .setResourceName(name)
                        .setErrorCode(error.error().code())
                        .setErrorMessage(error.message())));
        request.resources().forEach(resource -> {
            Map<String, Map.Entry<OpType, String>> operations = new HashMap<>();
            resource.configs()
                    .forEach(config -> operations.put(
                            config.name(),
                            new SimpleImmutableEntry<>(OpType.forId(config.configOperation()), config.value())));
            changes.add(resource.resourceType(), resource.resourceName(), operations);
        });
        changes.refuseRepeated();
        return controller
                .incrementalAlterConfigs(call.context(), changes.byResource, request.validateOnly(), call.forwarded())
                .thenApply(results -> {
                    changes.report(results);
                    return response;
                });
    }

    /** Where the outcome for one resource goes. */
    @FunctionalInterface
    private interface Outcome {
        void add(byte resourceType, String resourceName, ApiError error);
    }

    /** What a request asks for, by resource; each may be there but once. */
    private static final class Changes<C> {
        private final Map<ConfigResource, Map<String, C>> byResource = new LinkedHashMap<>();
        private final Set<ConfigResource> repeated = new HashSet<>();
        private final Outcome outcome;

        private Changes(Outcome outcome) {
            this.outcome = outcome;
        }

        private void add(byte resourceType, String resourceName, Map<String, C> change) {
            ConfigResource.Type type = ConfigResource.Type.forId(resourceType);
            if (type == ConfigResource.Type.UNKNOWN) {
                outcome.add(
                        resourceType,
                        resourceName,
                        new ApiError(Errors.UNSUPPORTED_VERSION, "Unknown resource type " + resourceType + "."));
                return;
            }
            ConfigResource resource = new ConfigResource(type, resourceName);
            if (byResource.put(resource, change) != null) {
                repeated.add(resource);
            }
        }

        private void refuseRepeated() {
            repeated.forEach(resource -> {
                byResource.remove(resource);
                outcome.add(
                        resource.type().id(),
                        resource.name(),
                        new ApiError(Errors.INVALID_REQUEST, "Each resource must appear at most once."));
            });
        }

        private void report(Map<ConfigResource, ApiError> results) {
            results.forEach((resource, error) -> outcome.add(resource.type().id(), resource.name(), error));
        }
    }
}
