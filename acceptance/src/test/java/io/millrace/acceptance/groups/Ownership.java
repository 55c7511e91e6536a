package io.millrace.acceptance.groups;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who owns which partition of one topic, as the members themselves see it, and how long each had no owner. Any thread. */
final class Ownership {
    private final @Nullable LightMember[] owners;
    private final long[] lostAtNs;
    private final Set<LightMember> behind = new HashSet<>();
    private final List<Double> pausesMs = new ArrayList<>();
    private int ownedTwice;
    private long lastChangeNs = System.nanoTime();

    Ownership(int partitions) {
        owners = new LightMember[partitions];
        lostAtNs = new long[partitions];
    }

    int partitions() {
        return owners.length;
    }

    synchronized void got(LightMember member, Iterable<Integer> partitions) {
        long nowNs = System.nanoTime();
        for (int partition : partitions) {
            if (owners[partition] != null) {
                ownedTwice++;
            }
            owners[partition] = member;
            if (lostAtNs[partition] != 0) {
                pausesMs.add((nowNs - lostAtNs[partition]) / 1e6);
                lostAtNs[partition] = 0;
            }
            lastChangeNs = nowNs;
        }
    }

    synchronized void lost(LightMember member, Iterable<Integer> partitions) {
        long nowNs = System.nanoTime();
        for (int partition : partitions) {
            if (owners[partition] == member) {
                owners[partition] = null;
                lostAtNs[partition] = nowNs;
                lastChangeNs = nowNs;
            }
        }
    }

    /** A member has no assignment yet, or is called to another. */
    synchronized void isBehind(LightMember member) {
        behind.add(member);
    }

    /** A member has what it is to have, for all that it knows. */
    synchronized void isThere(LightMember member) {
        if (behind.remove(member)) {
            lastChangeNs = System.nanoTime();
        }
    }

    synchronized void isGone(LightMember member) {
        behind.remove(member);
        for (int partition = 0; partition < owners.length; partition++) {
            if (owners[partition] == member) {
                lost(member, Set.of(partition));
            }
        }
    }

    /** Times at which partitions were owned by two at once. */
    synchronized int ownedTwice() {
        return ownedTwice;
    }

    synchronized int ownedPartitions() {
        int owned = 0;
        for (LightMember owner : owners) {
            owned += owner == null ? 0 : 1;
        }
        return owned;
    }

    /** How long partitions had no owner that have one again, sorted; since it was last asked. */
    synchronized List<Double> takePausesMs() {
        List<Double> pauses = new ArrayList<>(pausesMs);
        pausesMs.clear();
        Collections.sort(pauses);
        return pauses;
    }

    /**
     * Waits until everything is owned, nobody is behind, and nothing has changed for a while.
     *
     * @return milliseconds from {@code startNs} to the last change
     */
    double awaitStable(long startNs, long quietMs, long limitMs) throws InterruptedException {
        while (true) {
            synchronized (this) {
                long nowNs = System.nanoTime();
                boolean complete = behind.isEmpty() && ownedPartitions() == owners.length;
                if (complete && nowNs - Math.max(lastChangeNs, startNs) > quietMs * 1_000_000) {
                    return (lastChangeNs - startNs) / 1e6;
                }
                if (nowNs - startNs > limitMs * 1_000_000) {
                    throw new AssertionError(behind.size() + " members have not settled and " + ownedPartitions()
                            + " of " + owners.length + " partitions are owned after " + limitMs + " ms");
                }
                wait(20);
            }
        }
    }
}
