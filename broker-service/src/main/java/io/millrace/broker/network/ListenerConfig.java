package io.millrace.broker.network;

import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;

/**
 * A socket to listen on, and what is spoken there.
 *
 * @param host address to bind to; null for every interface
 * @param port 0 for any free port, see {@link Server#port}
 * @param type whether it serves clients and brokers or the metadata quorum: decides which APIs exist there
 */
public record ListenerConfig(
        ListenerName name, @Nullable String host, int port, SecurityProtocol securityProtocol, ListenerType type) {

    public static ListenerConfig of(Endpoint endpoint, ListenerType type) {
        return new ListenerConfig(
                ListenerName.normalised(endpoint.listener()),
                endpoint.host(),
                endpoint.port(),
                endpoint.securityProtocol(),
                type);
    }
}
