package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.LogLevelConfig;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * IncrementalAlterConfigs and AlterConfigs: loggers are changed here, brokers' keys are checked here as only they know what they can
 * change while running, and everything that stands goes to the controller.
 */
final class AlterConfigsHandler {

    private final BrokerServices broker;
    private final Cluster cluster;
    private final LoggerLevels loggers;

    AlterConfigsHandler(BrokerServices broker, LoggerLevels loggers) {
        this.broker = broker;
        this.cluster = broker.cluster();
        this.loggers = loggers;
    }

    CompletableFuture<? extends ApiMessage> incremental(
            ClientContext client, IncrementalAlterConfigsRequestData request) {
        List<AlterConfigsResourceResponse> answered = new ArrayList<>();
        IncrementalAlterConfigsRequestData rest =
                new IncrementalAlterConfigsRequestData().setValidateOnly(request.validateOnly());
        for (AlterConfigsResource resource : request.resources()) {
            ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
            try {
                checkOnce(request, resource);
                if (type == ConfigResource.Type.BROKER_LOGGER) {
                    alterLoggers(resource, request.validateOnly());
                    answered.add(answer(resource, null));
                    continue;
                }
                if (type == ConfigResource.Type.BROKER) {
                    checkBroker(resource);
                }
                rest.resources().add(resource.duplicate());
            } catch (ApiException e) {
                answered.add(answer(resource, e));
            }
        }
        if (rest.resources().isEmpty()) {
            return CompletableFuture.completedFuture(new IncrementalAlterConfigsResponseData().setResponses(answered));
        }
        return cluster.forward(client, rest).thenApply(response -> {
            if (response instanceof IncrementalAlterConfigsResponseData altered) {
                altered.responses().addAll(answered);
            }
            return response;
        });
    }

    private static void checkOnce(IncrementalAlterConfigsRequestData request, AlterConfigsResource resource) {
        if (request.resources()
                        .findAll(resource.resourceType(), resource.resourceName())
                        .size()
                > 1) {
            throw new InvalidRequestException("Each resource must appear at most once.");
        }
        Set<String> names = new HashSet<>();
        for (AlterableConfig config : resource.configs()) {
            if (!names.add(config.name())) {
                throw new InvalidRequestException("Error due to duplicate config keys: " + config.name());
            }
            boolean deletes = config.configOperation() == OpType.DELETE.id();
            if (!deletes && config.value() == null) {
                throw new InvalidRequestException("Null value not supported for : " + config.name());
            }
        }
    }

    private static AlterConfigsResourceResponse answer(AlterConfigsResource resource, @Nullable ApiException failure) {
        Errors error = failure == null ? Errors.NONE : Errors.forException(failure);
        return new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorCode(error.code())
                .setErrorMessage(failure == null ? null : failure.getMessage());
    }

    private void checkThisBroker(String name) {
        int id = broker.config().brokerId();
        if (!name.equals(Integer.toString(id))) {
            throw new InvalidRequestException("Unexpected broker id, expected " + id + ", but received " + name);
        }
    }

    private void alterLoggers(AlterConfigsResource resource, boolean validateOnly) {
        checkThisBroker(resource.resourceName());
        for (AlterableConfig config : resource.configs()) {
            checkLogger(config);
        }
        if (validateOnly) {
            return;
        }
        for (AlterableConfig config : resource.configs()) {
            if (config.configOperation() == OpType.DELETE.id()) {
                loggers.unset(config.name());
            } else {
                loggers.set(config.name(), config.value());
            }
        }
    }

    private void checkLogger(AlterableConfig config) {
        OpType operation = OpType.forId(config.configOperation());
        if (operation == null) {
            throw new InvalidRequestException("Unknown operation type " + config.configOperation());
        }
        if (!loggers.exists(config.name())) {
            throw new InvalidConfigurationException("Logger " + config.name() + " does not exist!");
        }
        switch (operation) {
            case SET -> {
                if (!LogLevelConfig.VALID_LOG_LEVELS.contains(config.value())) {
                    throw new InvalidConfigurationException("Cannot set the log level of " + config.name() + " to "
                            + config.value() + " as it is not a supported log level. Valid log levels are "
                            + String.join(", ", LogLevelConfig.VALID_LOG_LEVELS));
                }
            }
            case DELETE -> {
                if (config.name().equals(LoggerLevels.ROOT)) {
                    throw new InvalidRequestException("Removing the log level of the root logger is not allowed");
                }
            }
            case APPEND, SUBTRACT ->
                throw new InvalidRequestException(
                        operation + " operation is not allowed for the BROKER_LOGGER resource");
        }
    }

    private void checkBroker(AlterConfigsResource resource) {
        boolean forAll = resource.resourceName().isEmpty();
        if (!forAll) {
            checkThisBroker(resource.resourceName());
        }
        Map<String, ConfigKey> known = broker.settings().definitions().configKeys();
        for (AlterableConfig config : resource.configs()) {
            String key = config.name();
            if (known.containsKey(key) && !DynamicKeys.isDynamic(key)) {
                throw new InvalidRequestException("Cannot update these configs dynamically: Set(" + key + ")");
            }
            if (forAll && DynamicKeys.isPerBroker(key)) {
                throw new InvalidRequestException(
                        "Cannot update these configs at default cluster level, broker id must be specified: Set(" + key
                                + ")");
            }
            if (config.configOperation() == OpType.SET.id()) {
                checkValue(key, config.value(), known.get(key));
            }
        }
    }

    private static void checkValue(String key, String value, @Nullable ConfigKey definition) {
        if (definition == null) {
            return;
        }
        try {
            Object parsed = ConfigDef.parseType(key, value, definition.type);
            if (definition.validator != null) {
                definition.validator.ensureValid(key, parsed);
            }
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(e.getMessage());
        }
    }

    CompletableFuture<? extends ApiMessage> replacing(ClientContext client, AlterConfigsRequestData request) {
        List<AlterConfigsResponseData.AlterConfigsResourceResponse> refused = new ArrayList<>();
        AlterConfigsRequestData rest = new AlterConfigsRequestData().setValidateOnly(request.validateOnly());
        for (AlterConfigsRequestData.AlterConfigsResource resource : request.resources()) {
            try {
                checkReplaced(resource);
                rest.resources().add(resource.duplicate());
            } catch (ApiException e) {
                refused.add(new AlterConfigsResponseData.AlterConfigsResourceResponse()
                        .setResourceType(resource.resourceType())
                        .setResourceName(resource.resourceName())
                        .setErrorCode(Errors.forException(e).code())
                        .setErrorMessage(e.getMessage()));
            }
        }
        if (rest.resources().isEmpty()) {
            return CompletableFuture.completedFuture(new AlterConfigsResponseData().setResponses(refused));
        }
        return cluster.forward(client, rest).thenApply(response -> {
            if (response instanceof AlterConfigsResponseData altered) {
                altered.responses().addAll(refused);
            }
            return response;
        });
    }

    private void checkReplaced(AlterConfigsRequestData.AlterConfigsResource resource) {
        ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
        if (type == ConfigResource.Type.BROKER_LOGGER) {
            throw new InvalidRequestException(
                    "AlterConfigs is deprecated and does not support the resource type BROKER_LOGGER");
        }
        if (type == ConfigResource.Type.BROKER) {
            AlterConfigsResource asIncremental = new AlterConfigsResource().setResourceName(resource.resourceName());
            resource.configs()
                    .forEach(config -> asIncremental
                            .configs()
                            .add(new AlterableConfig()
                                    .setName(config.name())
                                    .setValue(config.value())
                                    .setConfigOperation(OpType.SET.id())));
            checkBroker(asIncremental);
        }
    }
}
