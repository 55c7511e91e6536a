package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.protocol.ClientContext;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** ListConfigResources, versions 0 (client metrics only) and 1: what has, or may have, a configuration. */
final class ListConfigResourcesHandler {

    private static final Set<ConfigResource.Type> LISTABLE = EnumSet.of(
            ConfigResource.Type.TOPIC,
            ConfigResource.Type.BROKER,
            ConfigResource.Type.BROKER_LOGGER,
            ConfigResource.Type.CLIENT_METRICS,
            ConfigResource.Type.GROUP);

    private final BrokerServices broker;

    ListConfigResourcesHandler(BrokerServices broker) {
        this.broker = broker;
    }

    ApiMessage answer(ClientContext client, ListConfigResourcesRequestData request) {
        ListConfigResourcesResponseData response = new ListConfigResourcesResponseData();
        for (ConfigResource.Type type : types(client, request)) {
            names(type)
                    .forEach(name -> response.configResources()
                            .add(new ListConfigResourcesResponseData.ConfigResource()
                                    .setResourceName(name)
                                    .setResourceType(type.id())));
        }
        return response;
    }

    private static Set<ConfigResource.Type> types(ClientContext client, ListConfigResourcesRequestData request) {
        if (client.apiVersion() == 0) {
            return EnumSet.of(ConfigResource.Type.CLIENT_METRICS);
        }
        if (request.resourceTypes().isEmpty()) {
            return LISTABLE;
        }
        EnumSet<ConfigResource.Type> types = EnumSet.noneOf(ConfigResource.Type.class);
        for (byte id : request.resourceTypes()) {
            ConfigResource.Type type = ConfigResource.Type.forId(id);
            if (!LISTABLE.contains(type)) {
                throw new UnsupportedVersionException("resource type " + id + " cannot be listed; known types are "
                        + LISTABLE.stream()
                                .map(known -> known + "=" + known.id())
                                .toList());
            }
            types.add(type);
        }
        return types;
    }

    private Stream<String> names(ConfigResource.Type type) {
        ClusterImage image = broker.cluster().image();
        return switch (type) {
            case TOPIC -> image.topics().stream().map(ClusterImage.Topic::name);
            case BROKER, BROKER_LOGGER -> image.brokers().stream().map(registered -> Integer.toString(registered.id()));
            case CLIENT_METRICS, GROUP ->
                image.configuredResources().stream()
                        .filter(resource -> resource.type() == type)
                        .map(ConfigResource::name);
            case UNKNOWN -> Stream.empty();
        };
    }
}
