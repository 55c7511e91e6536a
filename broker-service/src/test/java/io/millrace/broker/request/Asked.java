package io.millrace.broker.request;

import io.millrace.broker.network.ListenerConfig;
import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.runtime.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * A request of a client in a test. Its answer is written in the request's version, as the network would, so that a field which that
 * version does not have fails the test; file slices are read into memory.
 */
final class Asked implements Request {

    private final ApiKeys api;
    private final short version;
    private final ApiMessage body;
    private final EventLoop loop;
    private ApiMessage response;
    private String closed;
    private boolean nothing;

    Asked(ApiKeys api, int version, ApiMessage body, EventLoop loop) {
        this.api = api;
        this.version = (short) version;
        this.body = body;
        this.loop = loop;
    }

    boolean answered() {
        return response != null || closed != null || nothing;
    }

    String closed() {
        return closed;
    }

    boolean answeredNothing() {
        return nothing;
    }

    <T extends ApiMessage> T response(Class<T> type) {
        if (response == null) {
            throw new AssertionError(api + " v" + version + " was not answered; closed: " + closed);
        }
        return type.cast(response);
    }

    @Override
    public RequestHeader header() {
        return new RequestHeader(api, version, "client", 7);
    }

    @Override
    public ApiMessage body() {
        return body;
    }

    @Override
    public ClientContext client() {
        return new ClientContext(
                "client",
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                new ListenerName("CLIENTS"),
                version,
                7);
    }

    @Override
    public ListenerConfig listener() {
        return ListenerConfig.of(
                new Endpoint("CLIENTS", SecurityProtocol.PLAINTEXT, "localhost", 9092), ListenerType.BROKER);
    }

    @Override
    public String connectionId() {
        return "connection-1";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public int sizeBytes() {
        return 100;
    }

    @Override
    public long receivedNs() {
        return 0;
    }

    @Override
    public void reply(ApiMessage answer) {
        if (answered()) {
            throw new AssertionError(api + " was answered twice");
        }
        if (answer instanceof FetchResponseData fetched) {
            fetched.responses().forEach(topic -> topic.partitions().forEach(Asked::readIntoMemory));
        }
        MessageUtil.toByteBufferAccessor(answer, version);
        response = answer;
    }

    private static void readIntoMemory(FetchResponseData.PartitionData partition) {
        if (partition.records() instanceof FileSlice slice) {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
            try {
                while (bytes.hasRemaining() && slice.channel().read(bytes, slice.position() + bytes.position()) >= 0) {
                    // read on
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            slice.release();
            partition.setRecords(MemoryRecords.readableRecords(bytes.flip()));
        }
    }

    @Override
    public void introduce(String softwareName) {}

    @Override
    public String softwareName() {
        return "";
    }

    @Override
    public void whenFollowed(Runnable task) {}

    @Override
    public void replyNothing() {
        nothing = true;
    }

    @Override
    public void muteConnection(long durationMs) {
        throw new AssertionError("no quota is set in these tests");
    }

    @Override
    public void close(String reason) {
        closed = reason;
    }
}
