package io.millrace.broker.protocol;

import java.net.InetAddress;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/**
 * Who asks, and in which version of the protocol: everything about a request's sender that coordination and the controller need.
 *
 * @param clientId the client's own name for itself; empty when it gave none
 * @param apiVersion version of the request, which decides the shape of its response
 * @param correlationId the client's number for the request
 */
public record ClientContext(
        String clientId,
        KafkaPrincipal principal,
        InetAddress address,
        ListenerName listener,
        short apiVersion,
        int correlationId) {}
