package io.millrace.admin.rebalance;

import java.util.List;
import java.util.Map;

/**
 * Why a group rebalances, in one sentence, and what to change.
 *
 * @param sentence in English; {@code facts} are its parts, for other languages
 * @param advice settings to change, the best one first; empty if there is nothing to change
 * @param unknown what cannot be known, and might make the sentence wrong
 */
record Verdict(
        Kind kind,
        String sentence,
        int rebalances,
        Map<String, String> facts,
        List<Advice> advice,
        List<String> unknown) {

    /** The causes that are told apart, the more telling first: among as many rebalances of two kinds the first is named. */
    enum Kind {
        /** Two processes use one group.instance.id. */
        DUPLICATE_INSTANCE_ID,
        /** A member polls too seldom. */
        SLOW_POLL,
        /** A member stopped its heartbeats. */
        CRASH,
        /** A static member was away for longer than its session. */
        STATIC_MEMBER_EXPIRED,
        /** One member leaves and comes back again and again. */
        FLAPPING,
        /** Several members were restarted. */
        DEPLOYMENT,
        PARTITIONS_ADDED,
        SUBSCRIPTION_CHANGED,
        /** The coordinator could not store an assignment, or the group was too large. */
        COORDINATOR,
        MEMBERS_JOINED,
        MEMBERS_LEFT,
        UNKNOWN,
        QUIET
    }

    /**
     * A setting to change.
     *
     * @param where consumer or broker
     * @param value to set it to; empty where that depends on what is not known here
     */
    record Advice(String setting, String value, String where, String why) {}
}
