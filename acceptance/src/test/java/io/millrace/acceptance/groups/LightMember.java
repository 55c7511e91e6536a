package io.millrace.acceptance.groups;

import io.millrace.acceptance.hostile.RawPeer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;

/** A member of a group that does what the protocol asks of it and nothing else: a socket and a virtual thread. */
abstract sealed class LightMember permits ClassicLightMember, ConsumerLightMember {
    private static final int ANSWER_LIMIT_MS = 120_000;

    private static final int RETRY_MS = 50;

    private final GroupOfMembers group;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Written by its own thread. */
    private volatile Set<Integer> owned = Set.of();

    private final Thread thread;

    /** Null until it is connected. */
    private volatile RawPeer broker;

    LightMember(GroupOfMembers group) {
        this.group = group;
        this.thread = Thread.ofVirtual().unstarted(this::live);
    }

    void start() {
        group.ownership().isBehind(this);
        thread.start();
    }

    private void live() {
        try (RawPeer connection = connect()) {
            broker = connection;
            while (!hasEnded()) {
                step();
            }
        } catch (RuntimeException | AssertionError | InterruptedException e) {
            if (!hasEnded()) {
                group.failed(e);
            }
        }
    }

    /** Introduced as Kafka's own client, which it behaves like. */
    private RawPeer connect() {
        RawPeer connection = new RawPeer(group.port());
        try {
            connection.socket().setSoTimeout(ANSWER_LIMIT_MS);
        } catch (java.net.SocketException e) {
            throw new java.io.UncheckedIOException(e);
        }
        var _ = connection.ask(new ApiVersionsRequest.Builder().build());
        return connection;
    }

    /** Asks once, and does what it is told. */
    abstract void step() throws InterruptedException;

    /** The request that takes it off the group. */
    abstract AbstractRequest farewell();

    /** Asks where the group's coordinator is, which is here or soon will be: the first to ask has its topic made. */
    void findCoordinator() throws InterruptedException {
        var _ = broker.ask(new FindCoordinatorRequest.Builder(new FindCoordinatorRequestData()
                        .setKeyType(FindCoordinatorRequest.CoordinatorType.GROUP.id())
                        .setCoordinatorKeys(List.of(group.id())))
                .build());
        pause(RETRY_MS);
    }

    GroupOfMembers group() {
        return group;
    }

    RawPeer broker() {
        return broker;
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    void pause(long ms) throws InterruptedException {
        var _ = ended.await(ms, TimeUnit.MILLISECONDS);
    }

    Set<Integer> owned() {
        return owned;
    }

    /** Takes over an assignment; whether it is another than before. */
    boolean take(Set<Integer> assigned) {
        Set<Integer> lost = new TreeSet<>(owned);
        lost.removeAll(assigned);
        Set<Integer> won = new TreeSet<>(assigned);
        won.removeAll(owned);
        if (hasEnded()) {
            return false;
        }
        owned = assigned;
        group.ownership().lost(this, lost);
        group.ownership().got(this, won);
        return !lost.isEmpty() || !won.isEmpty();
    }

    /** Says good-bye, on a connection of its own, and ends. */
    void leave() {
        end();
        try (RawPeer connection = connect()) {
            var _ = connection.ask(farewell());
        }
    }

    /** Ends without a word. */
    void crash() {
        end();
    }

    private void end() {
        ended.countDown();
        group.ownership().isGone(this);
        RawPeer connection = broker;
        if (connection != null) {
            connection.close();
        }
    }
}
