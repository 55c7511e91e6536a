package io.millrace.broker.request;

import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** The table of what this broker serves: what is not in it is neither answered nor advertised. */
public final class ServedRequests {

    private ServedRequests() {}

    /** The handlers of everything but ApiVersions and authentication, which belong to the connection. */
    public static Map<ApiKeys, ApiHandler> of(BrokerServices broker) {
        Map<ApiKeys, ApiHandler> table = new EnumMap<>(ApiKeys.class);
        addData(broker, table);
        new GroupRequests(broker).addTo(table);
        new AdminRequests(broker).addTo(table);
        return table;
    }

    private static void addData(BrokerServices broker, Map<ApiKeys, ApiHandler> table) {
        TopicCreation creation = new TopicCreation(broker.config(), broker.cluster());
        MetadataHandler metadata =
                new MetadataHandler(broker.config(), broker.cluster(), creation, broker.authorization());
        FindCoordinatorHandler findCoordinator = new FindCoordinatorHandler(broker, creation);
        table.put(ApiKeys.PRODUCE, new ProduceHandler(broker.cluster(), broker.partitions()));
        table.put(ApiKeys.FETCH, new FetchHandler(broker));
        table.put(ApiKeys.LIST_OFFSETS, new ListOffsetsHandler(broker));
        table.put(ApiKeys.METADATA, ApiHandler.answering(MetadataRequestData.class, metadata::answer));
        table.put(
                ApiKeys.FIND_COORDINATOR,
                ApiHandler.answering(FindCoordinatorRequestData.class, findCoordinator::answer));
    }
}
