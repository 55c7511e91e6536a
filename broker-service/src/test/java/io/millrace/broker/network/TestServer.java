package io.millrace.broker.network;

import io.millrace.broker.protocol.ServedApis;
import io.millrace.broker.runtime.Clock;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A server with two loops and one listener that serves every API. */
final class TestServer implements AutoCloseable {

    static final ListenerName LISTENER = new ListenerName("PLAINTEXT");

    static final ServedApis SERVED = new ServedApis(ApiKeys.brokerApis(), ApiKeys.controllerApis());

    private final NettyEventLoops loops = new NettyEventLoops(2);
    private final Server server;

    TestServer(NetworkConfig config) {
        ListenerConfig listener =
                new ListenerConfig(LISTENER, "127.0.0.1", 0, SecurityProtocol.PLAINTEXT, ListenerType.BROKER);
        server = new Server(loops, List.of(listener), config, Clock.system());
    }

    NettyEventLoops loops() {
        return loops;
    }

    Server server() {
        return server;
    }

    void start(RequestReceiver receiver) throws IOException {
        server.start();
        server.accept(LISTENER, SERVED, receiver);
    }

    int port() {
        return server.port(LISTENER);
    }

    TestClient connect() throws IOException {
        return new TestClient(port());
    }

    @Override
    public void close() {
        server.close();
        loops.close();
    }
}
