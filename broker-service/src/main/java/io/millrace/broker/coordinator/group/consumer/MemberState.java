package io.millrace.broker.coordinator.group.consumer;

/** How far a member has come on its way to its target assignment; {@code id} is what the record holds. */
enum MemberState {
    /** Owns exactly its target. */
    STABLE((byte) 0),
    /** Has to give partitions up before it may go on to the next epoch. */
    UNREVOKED_PARTITIONS((byte) 1),
    /** Waits for partitions that others have not given up yet. */
    UNRELEASED_PARTITIONS((byte) 2);

    private final byte id;

    MemberState(byte id) {
        this.id = id;
    }

    byte id() {
        return id;
    }

    static MemberState of(byte id) {
        for (MemberState state : values()) {
            if (state.id == id) {
                return state;
            }
        }
        // Written by a newer version: it begins its reconciliation anew.
        return UNRELEASED_PARTITIONS;
    }
}
