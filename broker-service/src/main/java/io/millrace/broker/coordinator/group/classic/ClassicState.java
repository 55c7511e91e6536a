package io.millrace.broker.coordinator.group.classic;

/**
 * What a classic group is doing.
 *
 * <pre>
 * from \ to            Empty  PreparingRebalance  CompletingRebalance  Stable  Dead
 * Empty                       first join                                       removed
 * PreparingRebalance   all gone                   all joined, or time          removed
 * CompletingRebalance         join, leave, expiry                      synced  removed
 * Stable                      join, leave, expiry                              removed
 * </pre>
 */
enum ClassicState {
    /** No members; committed offsets may remain. */
    EMPTY("Empty"),
    /** Members are called to join; the join barrier stands. */
    PREPARING_REBALANCE("PreparingRebalance"),
    /** A generation has begun; the sync barrier stands until the leader's assignment is stored. */
    COMPLETING_REBALANCE("CompletingRebalance"),
    /** Every member has, or can fetch, its assignment. */
    STABLE("Stable"),
    /** Removed from the shard; only seen by continuations that outlived the group. */
    DEAD("Dead");

    private final String title;

    ClassicState(String title) {
        this.title = title;
    }

    boolean mayBecome(ClassicState next) {
        return switch (next) {
            case EMPTY, COMPLETING_REBALANCE -> this == PREPARING_REBALANCE;
            case PREPARING_REBALANCE -> this == EMPTY || this == COMPLETING_REBALANCE || this == STABLE;
            case STABLE -> this == COMPLETING_REBALANCE;
            case DEAD -> true;
        };
    }

    /** As requests and logs name it. */
    @Override
    public String toString() {
        return title;
    }
}
