package io.millrace.broker.network;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/** A blocking socket that speaks frames. */
final class TestClient implements AutoCloseable {

    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private int nextCorrelationId;
    private int lastCorrelationId;

    TestClient(int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Correlation ids count from 0. */
    void send(ApiKeys api, short version, ApiMessage body) throws IOException {
        byte[] message =
                MessageUtil.toByteBufferAccessor(body, version).buffer().array();
        sendFrame(Frames.of(api.id, version, nextCorrelationId++, "test", message));
    }

    void sendFrame(ByteBuffer frame) throws IOException {
        sendBytes(Frames.withLength(frame));
    }

    void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    ByteBuffer receiveFrame() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame);
    }

    @SuppressWarnings("unchecked")
    <T extends ApiMessage> T receive(ApiKeys api, short version) throws IOException {
        ByteBuffer frame = receiveFrame();
        lastCorrelationId = frame.getInt();
        if (api.responseHeaderVersion(version) > 0) {
            frame.get();
        }
        ApiMessage response = api.messageType.newResponse();
        response.read(new ByteBufferAccessor(frame), version);
        if (frame.hasRemaining()) {
            throw new IOException(frame.remaining() + " bytes after the response");
        }
        return (T) response;
    }

    int lastCorrelationId() {
        return lastCorrelationId;
    }

    /** Whether the peer has closed; waits for that. */
    boolean ended() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
