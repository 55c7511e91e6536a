package io.millrace.broker.network;

import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.runtime.EventLoop;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/** A request and, in time, its answer. As a task it brings the answer to the connection's loop. */
final class Exchange implements Request, Runnable {

    private static final VarHandle ANSWERED;

    static {
        try {
            ANSWERED = MethodHandles.lookup().findVarHandle(Exchange.class, "answered", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Connection connection;
    private final RequestHeader header;
    private final ApiMessage body;
    private final ClientContext client;
    private final int sizeBytes;
    private final long receivedNs;
    private final @Nullable ByteBuf frame;

    @SuppressWarnings("unused") // by ANSWERED
    private boolean answered;

    private @Nullable Runnable whenFollowed;

    // Written by the thread that answers, read on the loop after it was sent there.
    private boolean done;
    private @Nullable ApiMessage response;

    /** @param frame what the body's records lie in, retained for this exchange; null if it has none */
    Exchange(
            Connection connection,
            RequestHeader header,
            ApiMessage body,
            ClientContext client,
            int sizeBytes,
            long receivedNs,
            @Nullable ByteBuf frame) {
        this.connection = connection;
        this.header = header;
        this.body = body;
        this.client = client;
        this.sizeBytes = sizeBytes;
        this.receivedNs = receivedNs;
        this.frame = frame;
    }

    @Override
    public RequestHeader header() {
        return header;
    }

    @Override
    public ApiMessage body() {
        return body;
    }

    @Override
    public ClientContext client() {
        return client;
    }

    @Override
    public String connectionId() {
        return connection.id();
    }

    @Override
    public ListenerConfig listener() {
        return connection.listener();
    }

    @Override
    public EventLoop loop() {
        return connection.loop();
    }

    @Override
    public int sizeBytes() {
        return sizeBytes;
    }

    @Override
    public long receivedNs() {
        return receivedNs;
    }

    @Override
    public void reply(ApiMessage message) {
        answer(message);
    }

    @Override
    public void replyNothing() {
        answer(null);
    }

    @Override
    public void close(String reason) {
        claim();
        boolean _ = connection.run(() -> {
            connection.fail(reason);
            run();
        });
    }

    @Override
    public void introduce(String softwareName) {
        connection.introduced(softwareName);
    }

    @Override
    public String softwareName() {
        return connection.softwareName();
    }

    @Override
    public void whenFollowed(Runnable task) {
        whenFollowed = task;
    }

    /** Another request is behind this one. On the loop. */
    void followed() {
        Runnable task = whenFollowed;
        if (task != null) {
            whenFollowed = null;
            task.run();
        }
    }

    @Override
    public void muteConnection(long timeMs) {
        boolean _ = connection.run(() -> connection.mute(timeMs));
    }

    /** Whether the answer is there. On the loop, as all below. */
    boolean done() {
        return done;
    }

    /** The answer; null if there is none to be sent. */
    @Nullable
    ApiMessage response() {
        return response;
    }

    @Override
    public void run() {
        done = true;
        connection.answered();
    }

    /** Ends the exchange if it was not answered: nobody will. */
    void abandon() {
        if (!(boolean) ANSWERED.getAndSet(this, true)) {
            releaseFrame();
            run();
        }
    }

    private void answer(@Nullable ApiMessage message) {
        claim();
        response = message;
        if (!connection.run(this) && message != null) {
            ResponseEncoder.release(message);
        }
    }

    private void claim() {
        if ((boolean) ANSWERED.getAndSet(this, true)) {
            throw new IllegalStateException(header.apiKey() + " request of " + connection.id() + " was answered twice");
        }
        releaseFrame();
    }

    private void releaseFrame() {
        if (frame != null) {
            frame.release();
        }
    }
}
