package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import org.jspecify.annotations.Nullable;

/**
 * One member's next step towards its target assignment, as KIP-848 lays it down: first give up, then take what is free. Pure.
 */
final class Reconciliation {
    private Reconciliation() {}

    /**
     * The member's state after a heartbeat.
     *
     * @param target what it shall own as of {@code targetEpoch}
     * @param reported what the member says it owns; null if it did not say
     * @param free whether nobody but this member owns a partition
     */
    static Progress next(
            Progress now,
            int targetEpoch,
            TopicPartitions target,
            @Nullable TopicPartitions reported,
            TopicPartitions.Filter free) {
        return switch (now.state()) {
            case STABLE -> {
                boolean done = now.epoch() == targetEpoch && now.assigned().equals(target);
                yield done ? now : step(now, targetEpoch, target, reported, free);
            }
            case UNREVOKED_PARTITIONS -> {
                boolean revoked = reported != null
                        && reported.and(now.pendingRevocation()).isEmpty();
                if (!revoked) {
                    yield now;
                }
                var given =
                        now.next(now.epoch(), now.previousEpoch(), now.state(), now.assigned(), TopicPartitions.NONE);
                yield step(given, targetEpoch, target, reported, free);
            }
            case UNRELEASED_PARTITIONS -> step(now, targetEpoch, target, reported, free);
        };
    }

    private static Progress step(
            Progress now,
            int targetEpoch,
            TopicPartitions target,
            @Nullable TopicPartitions reported,
            TopicPartitions.Filter free) {
        TopicPartitions kept = now.assigned().and(target);
        TopicPartitions surplus = now.assigned().minus(target);
        TopicPartitions toRevoke = reported == null ? surplus : surplus.and(reported);
        if (!toRevoke.isEmpty()) {
            // The epoch stays: its commits for what it gives up are still good.
            return now.next(now.epoch(), now.previousEpoch(), MemberState.UNREVOKED_PARTITIONS, kept, toRevoke);
        }
        TopicPartitions wanted = target.minus(kept);
        TopicPartitions available = wanted.filter(free);
        boolean missing = !available.equals(wanted);
        int previousEpoch = targetEpoch == now.epoch() ? now.previousEpoch() : now.epoch();
        return now.next(
                targetEpoch,
                previousEpoch,
                missing ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE,
                kept.plus(available),
                TopicPartitions.NONE);
    }
}
