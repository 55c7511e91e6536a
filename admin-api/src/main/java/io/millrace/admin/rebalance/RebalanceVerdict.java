package io.millrace.admin.rebalance;

import io.millrace.admin.rebalance.Blame.Case;
import io.millrace.admin.rebalance.Blame.Return;
import io.millrace.admin.rebalance.GroupEvent.Member;
import io.millrace.admin.rebalance.Verdict.Advice;
import io.millrace.admin.rebalance.Verdict.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Why a group rebalances, found in its events alone: a pure function. */
final class RebalanceVerdict {
    private static final int NAMES = 3;

    private final String groupId;
    private final List<Case> cases;
    private final Blame blame;
    private final String opening;
    private final Map<String, String> facts = new TreeMap<>();
    private final List<Advice> advice = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    private RebalanceVerdict(String groupId, Blame blame) {
        this.groupId = groupId;
        this.blame = blame;
        this.cases = blame.cases();
        this.opening = opening();
    }

    /** Judges a group by its events, which are in order. */
    static Verdict of(String groupId, List<GroupEvent> events) {
        return new RebalanceVerdict(groupId, Blame.of(events)).judge();
    }

    private Verdict judge() {
        String duplicate = blame.duplicateInstance();
        if (duplicate != null) return verdict(Kind.DUPLICATE_INSTANCE_ID, duplicate(duplicate));
        if (cases.isEmpty()) return verdict(Kind.QUIET, quiet());
        Map<Kind, List<Case>> byKind = new EnumMap<>(Kind.class);
        for (Case one : cases) {
            byKind.computeIfAbsent(one.kind(), kind -> new ArrayList<>()).add(one);
        }
        // Of as many, the first of the enum, which is the order of this map.
        Kind worst = Kind.UNKNOWN;
        int most = 0;
        for (Map.Entry<Kind, List<Case>> entry : byKind.entrySet()) {
            if (entry.getValue().size() > most) {
                most = entry.getValue().size();
                worst = entry.getKey();
            }
        }
        String because = because(worst, Objects.requireNonNull(byKind.get(worst)));
        int others = cases.size() - most;
        if (others > 0) facts.put("others", Integer.toString(others));
        return verdict(worst, opening + because + (others > 0 ? " (" + others + " of them had other causes.)" : ""));
    }

    private Verdict verdict(Kind kind, String sentence) {
        facts.put("group", groupId);
        facts.put("count", Integer.toString(cases.size()));
        return new Verdict(kind, sentence, cases.size(), facts, advice, unknown);
    }

    private String because(Kind kind, List<Case> some) {
        Member member = some.getLast().member();
        facts.put("members", names(some));
        return switch (kind) {
            case SLOW_POLL -> slowPoll(some, member);
            case CRASH -> crash(some, member);
            case STATIC_MEMBER_EXPIRED -> staticExpired(some, member);
            case FLAPPING -> flapping(some, member);
            case DEPLOYMENT -> deployment(some, member);
            case PARTITIONS_ADDED -> partitions(some.getLast().event());
            case SUBSCRIPTION_CHANGED -> subscription(some, some.getLast().event());
            case COORDINATOR -> coordinator(some.getLast().event());
            case MEMBERS_JOINED -> joined(some);
            case MEMBERS_LEFT -> left(some);
            case UNKNOWN, QUIET, DUPLICATE_INSTANCE_ID -> unknown(some);
        };
    }

    // --- one sentence a cause ---

    private String slowPoll(List<Case> some, @Nullable Member member) {
        Integer limitMs = member == null ? null : member.rebalanceTimeoutMs();
        long awayMs = longestReturnMs(Kind.SLOW_POLL);
        String limit = limitMs == null ? "" : Durations.said(limitMs);
        facts.put("limit", limit);
        String names = names(some);
        boolean several = distinct(some) > 1;
        if (limitMs == null) {
            return " because " + names + " polled too seldom: raise max.poll.interval.ms, or lower max.poll.records.";
        }
        boolean back = awayMs >= 0;
        long pollMs = back ? limitMs + awayMs : limitMs;
        long value = Durations.withRoom(pollMs);
        advice.add(
                new Advice("max.poll.interval.ms", Long.toString(value), "consumer", "longer than the slowest poll"));
        advice.add(new Advice("max.poll.records", "", "consumer", "fewer records a poll take less time"));
        facts.put("value", Durations.said(value));
        unknown.add("max.poll.records is the consumer's own affair and not known here; it is 500 unless it was set.");
        if (!back) {
            unknown.add("How long the poll takes: it has not come back yet.");
            return " because " + names + (several ? " have" : " has")
                    + " not polled for longer than max.poll.interval.ms, "
                    + limit + ", and " + (several ? "have" : "has") + " not come back: raise it to " + value
                    + " or more, or lower max.poll.records (500 unless it is set).";
        }
        facts.put("poll", Durations.said(pollMs));
        return " because " + names + (several ? " take" : " takes") + " up to " + Durations.said(pollMs)
                + " per poll and max.poll.interval.ms is " + limit + ": raise it to " + value
                + ", or lower max.poll.records (500 unless it is set).";
    }

    private String crash(List<Case> some, @Nullable Member member) {
        Integer limitMs = member == null ? null : member.sessionTimeoutMs();
        String limit = limitMs == null ? "" : Durations.said(limitMs);
        facts.put("limit", limit);
        unknown.add("Whether the process died, was cut off from the broker, or paused: from here it looks the same.");
        String sentence = " because " + names(some) + " sent no heartbeat for longer than session.timeout.ms"
                + (limit.isEmpty() ? "" : ", " + limit);
        long awayMs = longestReturnMs(Kind.CRASH);
        if (awayMs < 0 || limitMs == null) {
            return sentence + ", and did not come back: look in its own log for how it ended.";
        }
        long value = Durations.withRoom(limitMs + awayMs);
        facts.put("away", Durations.said(awayMs));
        facts.put("value", Durations.said(value));
        advice.add(new Advice("session.timeout.ms", Long.toString(value), "consumer", "longer than its pauses"));
        advice.add(new Advice("group.instance.id", "", "consumer", "a restart within the session moves nothing"));
        return sentence + ", and came back " + Durations.said(awayMs)
                + " later: if it only pauses (garbage collection, a throttled container), raise session.timeout.ms to "
                + value + "; if it is restarted, give it a group.instance.id.";
    }

    private String staticExpired(List<Case> some, @Nullable Member member) {
        Integer limitMs = member == null ? null : member.sessionTimeoutMs();
        String limit = limitMs == null ? "" : Durations.said(limitMs);
        facts.put("limit", limit);
        unknown.add(
                "A static member that does not poll within max.poll.interval.ms stops its heartbeats and does not leave:"
                        + " from here it looks like one that is away.");
        long awayMs = longestReturnMs(Kind.STATIC_MEMBER_EXPIRED);
        String sentence = " because static member " + names(some) + " was away for longer than session.timeout.ms"
                + (limit.isEmpty() ? "" : ", " + limit);
        if (awayMs < 0 || limitMs == null) {
            advice.add(new Advice("session.timeout.ms", "", "consumer", "longer than a restart takes"));
            return sentence
                    + ", and has not come back: if that was a restart, raise session.timeout.ms above its length.";
        }
        long value = Durations.withRoom(limitMs + awayMs);
        facts.put("away", Durations.said(limitMs + awayMs));
        facts.put("value", Durations.said(value));
        advice.add(new Advice("session.timeout.ms", Long.toString(value), "consumer", "longer than a restart takes"));
        return sentence + ", and came back after " + Durations.said(limitMs + awayMs) + ": raise session.timeout.ms to "
                + value + ", and a restart moves nothing.";
    }

    private String flapping(List<Case> some, @Nullable Member member) {
        long times = blame.returns().stream()
                .filter(back -> back.kind() == Kind.MEMBERS_LEFT)
                .count();
        String limit = limitOf(member);
        facts.put("times", Long.toString(times));
        facts.put("limit", limit);
        advice.add(new Advice("group.instance.id", "", "consumer", "a restart within the session moves nothing"));
        return " because " + names(some) + " left and came back " + times(times)
                + saying(some)
                + ": find out what restarts it; with a group.instance.id a restart within session.timeout.ms"
                + (limit.isEmpty() ? "" : " (" + limit + ")") + " moves nothing.";
    }

    private String deployment(List<Case> some, @Nullable Member member) {
        String limit = limitOf(member);
        facts.put("limit", limit);
        facts.put("restarted", Integer.toString(distinct(some)));
        advice.add(new Advice("group.instance.id", "", "consumer", "a restart within the session moves nothing"));
        advice.add(new Advice(
                "partition.assignment.strategy",
                "cooperative-sticky",
                "consumer",
                "partitions that stay go on meanwhile"));
        return " because " + distinct(some)
                + " members left or came, one after the other, as in a deployment: give each a"
                + " group.instance.id, and a restart within session.timeout.ms"
                + (limit.isEmpty() ? "" : " (" + limit + ")") + " moves nothing.";
    }

    private String partitions(GroupEvent event) {
        String change = event.topic() == null
                ? "a topic got partitions"
                : "topic " + event.topic() + " got partitions (" + event.partitionsBefore() + " → "
                        + event.partitionsAfter() + ")";
        if (event.topic() != null) {
            facts.put("topic", event.topic());
            facts.put("before", String.valueOf(event.partitionsBefore()));
            facts.put("after", String.valueOf(event.partitionsAfter()));
        }
        return " because " + change
                + ": nothing to change; consumers notice new partitions within metadata.max.age.ms (5 minutes unless it is set).";
    }

    private String subscription(List<Case> some, GroupEvent event) {
        String change = event.topicsBefore() == null ? "" : " from " + event.topicsBefore() + " to " + event.topics();
        facts.put("change", change.strip());
        return " because " + names(some) + " changed "
                + (distinct(some) > 1 ? "their subscriptions" : "its subscription") + change
                + ": give all members of a group the same topics, and change them with a new version of all of them.";
    }

    private String coordinator(GroupEvent event) {
        if ("ASSIGNMENT_NOT_STORED".equals(event.cause())) {
            advice.add(
                    new Advice("message.max.bytes", "", "broker", "an assignment is one record of __consumer_offsets"));
            return " because the coordinator could not store the assignment: look in its log, and at the state of"
                    + " __consumer_offsets.";
        }
        advice.add(new Advice("group.max.size", "", "broker", "as many members as the group may have"));
        return " because the group had more members than group.max.size allows: raise it, or start fewer members.";
    }

    private String joined(List<Case> some) {
        int count = distinct(some);
        facts.put("joined", Integer.toString(count));
        if (count < 3) {
            return " because " + names(some) + " joined: nothing to change.";
        }
        advice.add(new Advice(
                "group.initial.rebalance.delay.ms",
                "3000",
                "broker",
                "the first rebalance of an empty group waits for more"));
        return " because " + count + " members joined one after the other (" + names(some)
                + "): start them at once, with group.initial.rebalance.delay.ms at 3000 or more on the brokers.";
    }

    private String left(List<Case> some) {
        return " because " + names(some) + " left" + saying(some)
                + " and did not come back: nothing to change, if they were meant to.";
    }

    private String unknown(List<Case> some) {
        GroupEvent event = some.getLast().event();
        if (event.is(GroupEvent.Type.ASSIGNED)) {
            unknown.add(
                    "This cluster keeps no group journal: its groups were looked at once a second, and nobody said why.");
            return "; why cannot be told, because this cluster keeps no group journal.";
        }
        facts.put("reason", event.words());
        unknown.add("Why the client wanted it.");
        String who = some.getLast().member() == null ? "a member" : names(some);
        return " because " + who + " asked for it: \"" + event.words() + "\".";
    }

    private String duplicate(String instanceId) {
        facts.put("members", instanceId);
        advice.add(new Advice("group.instance.id", "", "consumer", "an id of its own for each process"));
        return "Two processes use the group.instance.id " + instanceId + " in " + groupId
                + " and fence each other: give each an id of its own.";
    }

    private String quiet() {
        int replaced = blame.replacements();
        facts.put("replaced", Integer.toString(replaced));
        return groupId + " has not rebalanced"
                + (replaced == 0
                        ? "."
                        : ": static members came back " + times(replaced) + " and kept their partitions.");
    }

    // --- words ---

    private String opening() {
        if (cases.isEmpty()) return "";
        long spanMs =
                cases.getLast().at().toEpochMilli() - cases.getFirst().at().toEpochMilli();
        facts.put("span", Durations.said(Math.max(spanMs, 0)));
        return groupId + " rebalanced " + times(cases.size())
                + (cases.size() > 1 ? " in " + Durations.said(spanMs) : "");
    }

    private static String times(long count) {
        return count == 1 ? "once" : count == 2 ? "twice" : count + " times";
    }

    private String limitOf(@Nullable Member member) {
        return member == null || member.sessionTimeoutMs() == null ? "" : Durations.said(member.sessionTimeoutMs());
    }

    /** How long the member that was away the longest was away; -1 if none of that kind came back. */
    private long longestReturnMs(Kind kind) {
        return blame.returns().stream()
                .filter(back -> back.kind() == kind)
                .mapToLong(Return::awayMs)
                .max()
                .orElse(-1);
    }

    private static int distinct(List<Case> some) {
        return identities(some, Member::identity).size();
    }

    private static List<String> identities(List<Case> some, Function<Member, String> as) {
        return some.stream()
                .map(Case::member)
                .filter(Objects::nonNull)
                .map(as)
                .distinct()
                .toList();
    }

    private static String names(List<Case> some) {
        List<String> names = identities(some, Member::name);
        if (names.isEmpty()) return "a member";
        if (names.size() <= NAMES) {
            return names.size() == 1
                    ? names.getFirst()
                    : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
        }
        return String.join(", ", names.subList(0, NAMES)) + " and " + (names.size() - NAMES) + " others";
    }

    private static String saying(List<Case> some) {
        String words = some.stream()
                .map(one -> one.event().is(GroupEvent.Type.MEMBER_LEFT)
                        ? one.event().words()
                        : "")
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
        return words.isEmpty() ? "" : " (\"" + words + "\")";
    }
}
