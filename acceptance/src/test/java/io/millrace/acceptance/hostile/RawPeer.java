package io.millrace.acceptance.hostile;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** A socket to a broker that sends whatever bytes a test wants. */
public final class RawPeer implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;

    private final Socket socket;
    private int correlationId;

    public RawPeer(int port) {
        this(port, 0);
    }

    /** With a receive buffer of this many bytes, if positive: small ones make the broker's answers back up soon. */
    RawPeer(int port, int receiveBufferBytes) {
        try {
            socket = new Socket();
            if (receiveBufferBytes > 0) {
                socket.setReceiveBufferSize(receiveBufferBytes);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawPeer send(byte... bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends the payload behind its right length. */
    RawPeer sendFrame(byte... payload) {
        return send(ByteBuffer.allocate(4 + payload.length)
                .putInt(payload.length)
                .put(payload)
                .array());
    }

    RawPeer sendLength(int length) {
        return send(ByteBuffer.allocate(4).putInt(length).array());
    }

    RawPeer send(AbstractRequest request) {
        return sendFrame(frame(request));
    }

    byte[] frame(AbstractRequest request) {
        RequestHeader header = new RequestHeader(request.apiKey(), request.version(), "raw", ++correlationId);
        ByteBuffer frame = request.serializeWithHeader(header);
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    /** Sends the request and reads its answer. */
    public AbstractResponse ask(AbstractRequest request) {
        send(request);
        return answer(request.apiKey(), request.version());
    }

    AbstractResponse answer(ApiKeys key, short version) {
        ByteBuffer frame = ByteBuffer.wrap(readFrame());
        ResponseHeader.parse(frame, key.responseHeaderVersion(version));
        return AbstractResponse.parseResponse(key, new ByteBufferAccessor(frame), version);
    }

    byte[] readFrame() {
        try {
            DataInputStream input = new DataInputStream(socket.getInputStream());
            byte[] frame = new byte[input.readInt()];
            input.readFully(frame);
            return frame;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** True when the broker closes the connection without an answer; false if it stays open and silent for the given time. */
    boolean isClosedWithin(int limitMs) {
        try {
            socket.setSoTimeout(limitMs);
            int read = socket.getInputStream().read();
            if (read >= 0) {
                throw new AssertionError("the broker answered instead of closing");
            }
            return true;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (EOFException | SocketException closed) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isClosed() {
        return isClosedWithin(TIMEOUT_MS);
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
