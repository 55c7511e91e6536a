package io.millrace.broker.protocol;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Which APIs this process serves, on clients' listeners and on the quorum's. Immutable, any thread.
 *
 * <p>An API is served in every stable version that Apache Kafka of the pinned release has: old clients infer the broker's age from
 * the ranges.
 */
public final class ServedApis {

    private final Map<ListenerType, Set<ApiKeys>> served;

    /**
     * @param broker the APIs that have a handler on clients' listeners
     * @param controller the APIs that have a handler on the quorum's listeners
     */
    public ServedApis(Set<ApiKeys> broker, Set<ApiKeys> controller) {
        served = Map.of(
                ListenerType.BROKER, inScope(broker, ListenerType.BROKER),
                ListenerType.CONTROLLER, inScope(controller, ListenerType.CONTROLLER));
    }

    private static Set<ApiKeys> inScope(Set<ApiKeys> apis, ListenerType type) {
        EnumSet<ApiKeys> all = EnumSet.noneOf(ApiKeys.class);
        all.addAll(apis);
        for (ApiKeys api : all) {
            if (!api.inScope(type)) {
                throw new IllegalArgumentException(api + " does not belong on a " + type + " listener");
            }
        }
        return all;
    }

    /** Whether a request may be handled. ApiVersions may come in any version: its handler answers what is not known. */
    public boolean serves(ListenerType type, ApiKeys api, short version) {
        return apisOf(type).contains(api) && api.isVersionEnabled(version, false);
    }

    /** The APIs of a kind of listener, by key. */
    public Set<ApiKeys> apis(ListenerType type) {
        return EnumSet.copyOf(apisOf(type));
    }

    private Set<ApiKeys> apisOf(ListenerType type) {
        Set<ApiKeys> apis = served.get(type);
        if (apis == null) {
            throw new IllegalStateException("no APIs for listeners of type " + type);
        }
        return apis;
    }

    /** The table that an ApiVersions response carries: a new one, as messages are mutable. */
    public ApiVersionCollection table(ListenerType type) {
        ApiVersionCollection table = new ApiVersionCollection();
        for (ApiKeys api : apisOf(type)) {
            api.toApiVersionForApiResponse(false, type)
                    .map(ApiVersion::duplicate)
                    .ifPresent(table::add);
        }
        return table;
    }
}
