package io.millrace.acceptance.broker;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Passes frames between clients and a broker and, when asked, lets a produce request through but loses its answer together with
 * the connection. Two virtual threads per connection; the switch and the count may be used by any thread.
 */
public final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int brokerPort;
    private final AtomicBoolean loseNextAnswer = new AtomicBoolean();
    private final AtomicInteger answersLost = new AtomicInteger();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    public CuttingProxy(int port, int brokerPort) {
        this.brokerPort = brokerPort;
        try {
            listener = new ServerSocket(port, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("cutting-proxy").start(this::accept);
    }

    public void loseNextAnswer() {
        loseNextAnswer.set(true);
    }

    public int answersLost() {
        return answersLost.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
                sockets.add(client);
                sockets.add(broker);
                AtomicBoolean lose = new AtomicBoolean();
                Thread.ofVirtual().start(() -> pump(client, broker, lose, true));
                Thread.ofVirtual().start(() -> pump(broker, client, lose, false));
            } catch (IOException closing) {
                continue;
            }
        }
    }

    private void pump(Socket from, Socket to, AtomicBoolean lose, boolean requests) {
        try (from;
                to) {
            DataInputStream input = new DataInputStream(from.getInputStream());
            DataOutputStream output = new DataOutputStream(to.getOutputStream());
            while (true) {
                byte[] frame = new byte[input.readInt()];
                input.readFully(frame);
                if (requests) {
                    boolean produce = (frame[0] << 8 | frame[1]) == ApiKeys.PRODUCE.id;
                    if (produce && loseNextAnswer.compareAndSet(true, false)) {
                        lose.set(true);
                    }
                } else if (lose.get()) {
                    answersLost.incrementAndGet();
                    return;
                }
                output.writeInt(frame.length);
                output.write(frame);
            }
        } catch (IOException ended) {
            // the other direction closes both sockets too
            lose.set(false);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
