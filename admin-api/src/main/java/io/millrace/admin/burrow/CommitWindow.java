package io.millrace.admin.burrow;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last {@value #INTERVALS} commits of one group for one partition, oldest first. Locked by itself. */
final class CommitWindow {
    static final int INTERVALS = 10;
    private final Deque<Commit> commits = new ArrayDeque<>(INTERVALS);

    /**
     * One commit.
     *
     * @param timestampMs when the group committed
     * @param observedAtMs when it was read
     * @param lag at that moment; absent when the commit is older than the reader
     */
    record Commit(
            long offset,
            long timestampMs,
            long observedAtMs,
            @Nullable Long lag) {}

    synchronized void add(Commit commit) {
        Commit last = commits.peekLast();
        // Compaction and re-reading may bring a commit again.
        if (last != null && commit.timestampMs() < last.timestampMs()) return;
        if (commits.size() == INTERVALS) commits.removeFirst();
        commits.addLast(commit);
    }

    synchronized List<Commit> commits() {
        return List.copyOf(commits);
    }
}
