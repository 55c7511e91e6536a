package io.millrace.broker.simulation;

import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A connection of a client, or of a fetcher, to a broker's process: requests arrive and are answered in order. When it breaks, what
 * was on its way to the broker may still be carried out, late; nothing comes back.
 */
final class ClientConnection {

    private static final long MOST_LATE_NS = 300 * Scheduler.MS;

    /** A request that the broker has, and its answer once there is one. */
    private static final class Exchange {
        final Consumer<ApiMessage> answered;
        ApiMessage answer;

        Exchange(Consumer<ApiMessage> answered) {
            this.answered = answered;
        }
    }

    private final World world;
    private final SimulatedBroker.Incarnation server;
    private final SimulatedNetwork.Pipe toServer;
    private final SimulatedNetwork.Pipe toClient;
    private final ArrayDeque<Exchange> atServer = new ArrayDeque<>();
    private final List<Consumer<ApiMessage>> unanswered = new ArrayList<>();
    private final String id;
    private final EventLoop loop;
    private final Runnable onBreak;
    private boolean broken;

    /** {@code onBreak} is called when the other side, or the network, ends it. */
    ClientConnection(World world, int from, SimulatedBroker.Incarnation server, Runnable onBreak) {
        this.world = world;
        this.server = server;
        this.onBreak = onBreak;
        this.loop = server.process().anyLoop();
        this.toServer = world.network.new Pipe(from, server.brokerId());
        this.toClient = world.network.new Pipe(server.brokerId(), from);
        this.id = world.connected(this, from, server.brokerId());
    }

    boolean isBroken() {
        return broken;
    }

    void send(ApiKeys api, ApiMessage body, Consumer<ApiMessage> answered) {
        unanswered.add(answered);
        if (world.network.losesNext()) {
            reset();
            return;
        }
        toServer.send(() -> arrive(api, body, answered));
    }

    private void arrive(ApiKeys api, ApiMessage body, Consumer<ApiMessage> answered) {
        if (!server.isAlive()) {
            reset();
            return;
        }
        loop.execute(() -> {
            Exchange exchange = new Exchange(answered);
            atServer.add(exchange);
            server.receive(new SimulatedRequest(api, body, id, loop, answer -> {
                exchange.answer = answer;
                world.ledger.answered(server, body, answer);
                if (answer == null) {
                    reset();
                } else {
                    answerInOrder();
                }
            }));
        });
    }

    private void answerInOrder() {
        while (!atServer.isEmpty() && atServer.peek().answer != null) {
            Exchange exchange = atServer.remove();
            toClient.send(() -> {
                if (!broken && unanswered.remove(exchange.answered)) {
                    exchange.answered.accept(exchange.answer);
                }
            });
        }
    }

    /** The client gives up. */
    void close() {
        if (!broken) {
            broken = true;
            unanswered.clear();
            if (world.random.nextBoolean()) {
                toServer.lose();
            } else {
                toServer.delay(world.scheduler.upTo(MOST_LATE_NS));
            }
        }
    }

    /** The other side ended, or the network. */
    void reset() {
        if (!broken) {
            close();
            world.scheduler.after(world.network.delayNs(), onBreak);
        }
    }
}
