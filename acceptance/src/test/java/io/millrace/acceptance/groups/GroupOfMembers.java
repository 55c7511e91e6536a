package io.millrace.acceptance.groups;

import io.millrace.acceptance.client.GroupProtocol;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Light members of one group that share the partitions of one topic. */
final class GroupOfMembers implements AutoCloseable {

    /**
     * What they share.
     *
     * @param port of the only broker, on this machine
     */
    record Setting(int port, String topic, Uuid topicId, int partitions, int sessionTimeoutMs) {}

    private static final int REBALANCE_TIMEOUT_MS = 60_000;

    private final String id;
    private final Setting setting;
    private final Ownership ownership;
    private final List<LightMember> members = new ArrayList<>();
    private volatile @Nullable Throwable failure;

    GroupOfMembers(String id, Setting setting) {
        this.id = id;
        this.setting = setting;
        this.ownership = new Ownership(setting.partitions());
    }

    String id() {
        return id;
    }

    int port() {
        return setting.port();
    }

    String topic() {
        return setting.topic();
    }

    Uuid topicId() {
        return setting.topicId();
    }

    int sessionTimeoutMs() {
        return setting.sessionTimeoutMs();
    }

    int rebalanceTimeoutMs() {
        return REBALANCE_TIMEOUT_MS;
    }

    Ownership ownership() {
        return ownership;
    }

    void failed(Throwable e) {
        failure = e;
    }

    /** What ended a member against its will; null if nothing did. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** That many more members, all at once. */
    void join(int count, GroupProtocol protocol) {
        for (int i = 0; i < count; i++) {
            members.add(
                    switch (protocol) {
                        case CLASSIC -> new ClassicLightMember(this);
                        case CONSUMER -> new ConsumerLightMember(this);
                    });
        }
        members.subList(members.size() - count, members.size()).forEach(LightMember::start);
    }

    /** A member that owns something leaves. */
    void leaveOne() {
        owner().leave();
    }

    /** A member that owns something dies. */
    void crashOne() {
        owner().crash();
    }

    /** Everybody leaves, one after the other. */
    void leaveAll() {
        members.forEach(LightMember::leave);
        members.clear();
    }

    private LightMember owner() {
        LightMember owner = members.stream()
                .filter(member -> !member.owned().isEmpty())
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody in " + id + " owns anything"));
        members.remove(owner);
        return owner;
    }

    @Override
    public void close() {
        members.forEach(LightMember::crash);
    }
}
