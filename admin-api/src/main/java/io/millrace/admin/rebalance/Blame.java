package io.millrace.admin.rebalance;

import io.millrace.admin.rebalance.GroupEvent.Member;
import io.millrace.admin.rebalance.Verdict.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts each rebalance of a group down to a kind of cause and a member. Filled once, by {@link #of}. */
final class Blame {

    /**
     * One rebalance and who is behind it.
     *
     * @param event the departure, the join, or the change that brought it about
     */
    record Case(Kind kind, @Nullable Member member, GroupEvent event, Instant at) {}

    /** A member that went and came again. */
    record Return(Kind kind, Member member, GroupEvent left, GroupEvent joined) {
        long awayMs() {
            return joined.at().toEpochMilli() - left.at().toEpochMilli();
        }
    }

    private final List<Case> cases = new ArrayList<>();
    private final List<Return> returns = new ArrayList<>();
    private final Map<String, Integer> fencedByInstance = new HashMap<>();
    private final Map<String, Integer> replacedByInstance = new HashMap<>();

    private final Map<String, Member> members = new HashMap<>();
    private final Map<String, GroupEvent> departureByMember = new HashMap<>();
    private final Map<String, GroupEvent> departureByIdentity = new HashMap<>();
    private final Map<String, Return> returnByMember = new HashMap<>();
    private @Nullable GroupEvent change;

    private Blame() {}

    /** Reads a group's events, which are in order. */
    static Blame of(List<GroupEvent> events) {
        Blame blame = new Blame();
        events.forEach(blame::read);
        return blame.withRestarts();
    }

    List<Case> cases() {
        return cases;
    }

    List<Return> returns() {
        return returns;
    }

    /** An instance id that two processes use: each fences the other. */
    @Nullable
    String duplicateInstance() {
        for (Map.Entry<String, Integer> fenced : fencedByInstance.entrySet()) {
            int replaced = replacedByInstance.getOrDefault(fenced.getKey(), 0);
            if (fenced.getValue() >= 2 || replaced >= 2) return fenced.getKey();
        }
        return null;
    }

    int replacements() {
        return replacedByInstance.values().stream().mapToInt(Integer::intValue).sum();
    }

    private void read(GroupEvent event) {
        Member member = event.member();
        if (member != null) members.put(member.memberId(), member);
        switch (event.type()) {
            case MEMBER_JOINED -> joined(event, member);
            case MEMBER_LEFT -> left(event, member);
            case STATIC_MEMBER_REPLACED -> {
                if (member != null && member.instanceId() != null) {
                    replacedByInstance.merge(member.instanceId(), 1, Integer::sum);
                }
            }
            case MEMBER_FENCED -> {
                if (event.instanceId() != null) fencedByInstance.merge(event.instanceId(), 1, Integer::sum);
            }
            case SUBSCRIPTION_CHANGED, PARTITIONS_CHANGED -> change = event;
            case REBALANCE_STARTED -> started(event);
            case ASSIGNED -> {
                if (GroupEvent.UNKNOWN.equals(event.cause()))
                    cases.add(new Case(Kind.UNKNOWN, null, event, event.at()));
            }
            case GENERATION_BEGUN, OTHER -> {}
        }
    }

    private void joined(GroupEvent event, @Nullable Member member) {
        if (member == null) return;
        GroupEvent left = departureByIdentity.remove(member.identity());
        if (left == null) return;
        Return back = new Return(kindOf(left), member, left, event);
        returns.add(back);
        returnByMember.put(member.memberId(), back);
    }

    private void left(GroupEvent event, @Nullable Member member) {
        if (member == null) return;
        departureByMember.put(member.memberId(), event);
        departureByIdentity.put(member.identity(), event);
        if ("MISSED_JOIN".equals(event.departure())) {
            // It begins no rebalance of its own, but everybody waited for it in one.
            cases.add(new Case(Kind.SLOW_POLL, member, event, event.at()));
        }
    }

    private void started(GroupEvent event) {
        String memberId = event.memberId();
        Member member = memberId == null ? null : members.get(memberId);
        GroupEvent departure = memberId == null ? null : departureByMember.get(memberId);
        Return back = memberId == null ? null : returnByMember.get(memberId);
        String cause = event.cause() == null ? GroupEvent.UNKNOWN : event.cause();
        Kind kind = switch (cause) {
            case "COOPERATIVE_FOLLOW_UP" -> null; // the second half of the one before
            case "MEMBER_JOINED", "STATIC_MEMBER_CHANGED" -> back == null ? Kind.MEMBERS_JOINED : back.kind();
            case "MEMBER_LEFT", "PROTOCOL_CHANGED" -> departure == null ? Kind.MEMBERS_LEFT : kindOf(departure);
            case "SESSION_EXPIRED", "SYNC_TIMEOUT" -> departure == null ? Kind.CRASH : kindOf(departure);
            case "PARTITIONS_CHANGED" -> Kind.PARTITIONS_ADDED;
            case "SUBSCRIPTION_CHANGED" -> Kind.SUBSCRIPTION_CHANGED;
            case "ASSIGNMENT_NOT_STORED", "OVER_CAPACITY" -> Kind.COORDINATOR;
            default -> Kind.UNKNOWN;
        };
        if (kind == null) return;
        GroupEvent origin = switch (kind) {
            case PARTITIONS_ADDED, SUBSCRIPTION_CHANGED -> changeOr(event);
            default -> back != null ? back.left() : departure != null ? departure : event;
        };
        cases.add(new Case(kind, member, origin, event.at()));
    }

    private GroupEvent changeOr(GroupEvent event) {
        return change == null ? event : change;
    }

    private static Kind kindOf(GroupEvent left) {
        String departure = left.departure() == null ? GroupEvent.UNKNOWN : left.departure();
        boolean isStatic = left.member() != null && left.member().instanceId() != null;
        return switch (departure) {
            case "LEFT" -> pollTimeout(left) ? Kind.SLOW_POLL : Kind.MEMBERS_LEFT;
            case "MISSED_JOIN", "MISSED_REVOCATION" -> Kind.SLOW_POLL;
            case "SESSION_EXPIRED" -> isStatic ? Kind.STATIC_MEMBER_EXPIRED : Kind.CRASH;
            case "MISSED_SYNC" -> Kind.CRASH;
            case "OVER_CAPACITY" -> Kind.COORDINATOR;
            default -> Kind.UNKNOWN;
        };
    }

    /** How a Java consumer, and librdkafka, say that they were not polled for too long. */
    private static boolean pollTimeout(GroupEvent left) {
        String words = left.words().toLowerCase(Locale.ROOT);
        return words.contains("poll timeout")
                || words.contains("max.poll.interval")
                || words.contains("max poll interval");
    }

    /** Who left and came back was restarted: one member often is flapping, several are a deployment. */
    private Blame withRestarts() {
        Map<String, Integer> restarts = new HashMap<>();
        for (Return back : returns) {
            if (back.kind() == Kind.MEMBERS_LEFT) restarts.merge(back.member().identity(), 1, Integer::sum);
        }
        Set<String> left = new LinkedHashSet<>();
        Set<String> came = new LinkedHashSet<>();
        boolean anybodyBefore = false;
        for (Case one : cases) {
            if (one.member() == null) continue;
            if (one.kind() == Kind.MEMBERS_LEFT) left.add(one.member().identity());
            if (one.kind() == Kind.MEMBERS_JOINED && anybodyBefore)
                came.add(one.member().identity());
            anybodyBefore |= one.kind() == Kind.MEMBERS_LEFT;
        }
        boolean replacedByNew = left.size() >= 2 && came.size() >= 2;
        cases.replaceAll(one -> {
            Member member = one.member();
            boolean leftOrCame = one.kind() == Kind.MEMBERS_LEFT
                    || (one.kind() == Kind.MEMBERS_JOINED && member != null && came.contains(member.identity()));
            if (member == null || !leftOrCame) return one;
            Integer times = restarts.get(member.identity());
            if (times != null && (times >= 2 || restarts.size() == 1))
                return new Case(Kind.FLAPPING, member, one.event(), one.at());
            return times != null || replacedByNew ? new Case(Kind.DEPLOYMENT, member, one.event(), one.at()) : one;
        });
        return this;
    }
}
