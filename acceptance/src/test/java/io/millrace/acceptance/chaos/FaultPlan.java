package io.millrace.acceptance.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What is to happen when, by a seed. */
record FaultPlan(long seed, List<Step> steps) {

    /** Kinds of trouble. */
    enum Fault {
        KILL,
        KILL_CONTROLLER,
        PAUSE,
        CUT_OFF,
        DEAF,
        MUTE,
        CUT_BETWEEN,
        LOSE_PACKETS,
        SLOW_LINK,
        FULL_DISK,
        CLOCK_JUMP,
        ROLLING_RESTART,
        REASSIGN,
        MOVE_LEADERS
    }

    /** A fault that begins {@code atMs} after the start and is repaired {@code forMs} later. */
    record Step(long atMs, Fault fault, int node, int other, long forMs) {}

    private static final int FIRST_MS = 2_000;

    static FaultPlan of(long seed, int nodes, long durationMs, List<Fault> possible) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        List<Fault> round = new ArrayList<>();
        for (long atMs = FIRST_MS; atMs < durationMs - 1_000; atMs += 1_500 + random.nextInt(4_000)) {
            if (round.isEmpty()) {
                // Each kind once before any comes again.
                round.addAll(possible);
                java.util.Collections.shuffle(round, random);
            }
            int node = 1 + random.nextInt(nodes);
            int other = 1 + (node + random.nextInt(nodes - 1)) % nodes;
            long forMs = 500 + random.nextInt(5_000);
            steps.add(new Step(atMs, round.removeLast(), node, other, forMs));
        }
        return new FaultPlan(seed, List.copyOf(steps));
    }
}
