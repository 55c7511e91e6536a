package io.millrace.broker.simulation;

import io.millrace.broker.network.ListenerConfig;
import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.runtime.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A request on its broker's loop; file slices of its answer are read when it is given, as the network would. */
final class SimulatedRequest implements Request {

    private static final ListenerName LISTENER_NAME = new ListenerName("INTERNAL");
    private static final ListenerConfig LISTENER = ListenerConfig.of(
            new Endpoint("INTERNAL", SecurityProtocol.PLAINTEXT, "localhost", 9092), ListenerType.BROKER);

    private final ApiKeys api;
    private final ApiMessage body;
    private final String connectionId;
    private final EventLoop loop;
    private final Consumer<ApiMessage> answered;

    /** {@code answered} gets null when the broker closes the connection. */
    SimulatedRequest(ApiKeys api, ApiMessage body, String connectionId, EventLoop loop, Consumer<ApiMessage> answered) {
        this.api = api;
        this.body = body;
        this.connectionId = connectionId;
        this.loop = loop;
        this.answered = answered;
    }

    @Override
    public RequestHeader header() {
        return new RequestHeader(api, api.latestVersion(), "client", 7);
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
                LISTENER_NAME,
                api.latestVersion(),
                7);
    }

    @Override
    public ListenerConfig listener() {
        return LISTENER;
    }

    @Override
    public String connectionId() {
        return connectionId;
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
        if (answer instanceof FetchResponseData fetched) {
            fetched.responses().forEach(topic -> topic.partitions().forEach(SimulatedRequest::readIntoMemory));
        }
        answered.accept(answer);
    }

    private static void readIntoMemory(FetchResponseData.PartitionData partition) {
        if (partition.records() instanceof FileSlice slice) {
            partition.setRecords(read(slice));
        }
    }

    static MemoryRecords read(FileSlice slice) {
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
        try {
            while (bytes.hasRemaining() && slice.channel().read(bytes, slice.position() + bytes.position()) >= 0) {
                // read on
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        slice.release();
        return MemoryRecords.readableRecords(bytes.flip());
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
        throw new AssertionError("nobody asks without wanting an answer");
    }

    @Override
    public void muteConnection(long durationMs) {
        throw new AssertionError("no quota is set");
    }

    @Override
    public void close(String reason) {
        answered.accept(null);
    }
}
