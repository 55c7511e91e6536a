package io.millrace.broker.cluster;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;

/**
 * Makes Kafka's request of any message: Kafka's network client sends requests, and all but a few of their classes can be made from
 * bytes only. Not for the data path.
 */
final class AnyRequest extends AbstractRequest.Builder<AbstractRequest> {

    private final ApiMessage message;

    /** A request in {@code latest} or, where the other side is older, the newest version that it has. */
    AnyRequest(ApiMessage message, short latest) {
        super(ApiKeys.forId(message.apiKey()), ApiKeys.forId(message.apiKey()).oldestVersion(), latest);
        this.message = message;
    }

    @Override
    public AbstractRequest build(short version) {
        return of(message, version);
    }

    static AbstractRequest of(ApiMessage message, short version) {
        return AbstractRequest.parseRequest(
                        ApiKeys.forId(message.apiKey()), version, MessageUtil.toByteBufferAccessor(message, version))
                .request;
    }

    @Override
    public String toString() {
        return message.toString();
    }
}
