package io.millrace.broker.simulation;

import io.millrace.broker.replication.SteppedFetchers.Wire;
import java.util.ArrayDeque;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** What Kafka's network client does for a fetcher: connects with a backoff, times requests out, calls handlers in polls. */
final class FetcherWire implements Wire {

    private static final long BACKOFF_NS = 10 * Scheduler.MS;
    private static final long REQUEST_TIMEOUT_NS = 150 * Scheduler.MS;

    private final World world;
    private final SimulatedBroker.Incarnation owner;
    private final int leaderId;
    private final ArrayDeque<Runnable> arrived = new ArrayDeque<>();
    private Runnable turn = () -> {};
    private Scheduler.Event next;
    private long nextNs;
    private ClientConnection connection;
    private boolean connecting;
    private long notBeforeNs;
    private long attempt;
    private boolean closed;

    FetcherWire(World world, SimulatedBroker.Incarnation owner, int leaderId) {
        this.world = world;
        this.owner = owner;
        this.leaderId = leaderId;
    }

    private void turnAt(long atNs) {
        if (next != null) {
            if (nextNs <= atNs) {
                return;
            }
            next.cancel();
        }
        nextNs = atNs;
        next = owner.process().elsewhere(atNs - world.scheduler.nowNs(), () -> {
            next = null;
            if (!closed) {
                turn.run();
            }
        });
    }

    @Override
    public void start(Runnable fetchersTurn) {
        turn = fetchersTurn;
        wakeup();
    }

    @Override
    public void wakeup() {
        turnAt(world.scheduler.nowNs() + world.scheduler.upTo(50_000));
    }

    @Override
    public boolean ready(Node leader) {
        if (connection != null && !connection.isBroken()) {
            return true;
        }
        if (!connecting && world.scheduler.nowNs() >= notBeforeNs) {
            connecting = true;
            long mine = ++attempt;
            owner.process().elsewhere(2 * world.network.delayNs(), () -> connect(mine));
        }
        return false;
    }

    private void connect(long mine) {
        if (mine != attempt || closed) {
            return;
        }
        connecting = false;
        SimulatedBroker.Incarnation leader = world.reach(owner.brokerId(), leaderId);
        if (leader == null) {
            notBeforeNs = world.scheduler.nowNs() + BACKOFF_NS;
        } else {
            ClientConnection[] made = new ClientConnection[1];
            made[0] = new ClientConnection(
                    world, owner.brokerId(), leader, () -> owner.process().elsewhere(0, () -> broke(made[0])));
            connection = made[0];
        }
        wakeup();
    }

    private Runnable inFlight;

    private void broke(ClientConnection which) {
        if (which == connection) {
            connection = null;
            notBeforeNs = world.scheduler.nowNs() + BACKOFF_NS;
            if (inFlight != null) {
                arrived.add(inFlight);
                inFlight = null;
            }
            wakeup();
        }
    }

    @Override
    public long delayMs(Node leader) {
        return connecting ? Long.MAX_VALUE : Math.max(1, (notBeforeNs - world.scheduler.nowNs()) / Scheduler.MS + 1);
    }

    @Override
    public void send(AbstractRequest.Builder<?> builder, RequestCompletionHandler handler) {
        ApiKeys api = builder.apiKey();
        AbstractRequest request = builder.build(api.latestVersion());
        ClientConnection over = connection;
        inFlight = () -> handler.onComplete(response(api, null));
        Scheduler.Event timeout = owner.process().elsewhere(REQUEST_TIMEOUT_NS, () -> {
            if (over == connection) {
                over.close();
                broke(over);
            }
        });
        over.send(
                api,
                request.data(),
                answer -> owner.process().elsewhere(0, () -> {
                    if (over == connection && !over.isBroken()) {
                        timeout.cancel();
                        inFlight = null;
                        arrived.add(() -> handler.onComplete(response(api, answer)));
                        wakeup();
                    }
                }));
    }

    private ClientResponse response(ApiKeys api, ApiMessage answer) {
        AbstractResponse body = answer instanceof FetchResponseData fetched
                ? FetchResponse.of(fetched)
                : answer instanceof ListOffsetsResponseData listed ? new ListOffsetsResponse(listed) : null;
        return new ClientResponse(
                new RequestHeader(api, api.latestVersion(), "", 0), null, "", 0, 0, body == null, null, null, body);
    }

    @Override
    public void poll(long timeoutMs) {
        boolean any = !arrived.isEmpty();
        while (!arrived.isEmpty()) {
            arrived.remove().run();
        }
        if (any) {
            wakeup();
        } else {
            turnAt(world.scheduler.nowNs() + Math.min(timeoutMs, 100_000) * Scheduler.MS);
        }
    }

    @Override
    public void disconnect() {
        inFlight = null;
        arrived.clear();
        attempt++;
        connecting = false;
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        disconnect();
    }
}
