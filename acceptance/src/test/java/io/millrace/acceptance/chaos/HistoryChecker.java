package io.millrace.acceptance.chaos;

import io.millrace.acceptance.chaos.History.Acknowledged;
import io.millrace.acceptance.chaos.History.Committed;
import io.millrace.acceptance.chaos.History.Event;
import io.millrace.acceptance.chaos.History.Read;
import io.millrace.acceptance.chaos.History.Resumed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds a history against the logs at its end. Values are {@code producer-number}, numbers rising within a producer and partition.
 */
final class HistoryChecker {

    /** Partition and offset. */
    private record Place(int partition, long offset) {}

    private final List<String> broken = new ArrayList<>();
    private final Map<Place, Read> log = new HashMap<>();
    private final Set<String> consumed = new HashSet<>();

    private HistoryChecker() {}

    /**
     * Everything that is wrong, nothing if all is well.
     *
     * @param logs each partition's records in the end, in the order in which they lie there
     * @param committed each partition's committed offset in the end
     */
    static List<String> check(List<Event> history, Map<Integer, List<Read>> logs, Map<Integer, Long> committed) {
        HistoryChecker checker = new HistoryChecker();
        logs.values().forEach(checker::logIsInOrder);
        checker.nothingIsThereTwice(logs);
        checker.nothingIsLost(history);
        checker.commitsHold(history, committed);
        checker.everythingWasConsumed(history);
        return checker.broken;
    }

    private void logIsInOrder(List<Read> records) {
        Map<String, Integer> lastNumbers = new HashMap<>();
        Read before = null;
        for (Read record : records) {
            log.put(new Place(record.partition(), record.offset()), record);
            if (before != null && before.offset() >= record.offset()) {
                broken.add("offsets do not rise: " + before + ", " + record);
            }
            if (before != null && before.leaderEpoch() > record.leaderEpoch()) {
                broken.add("a leader of the past has appended: " + before + ", " + record);
            }
            int dash = record.value().lastIndexOf('-');
            int number = Integer.parseInt(record.value().substring(dash + 1));
            Integer last = lastNumbers.put(record.value().substring(0, dash), number);
            if (last != null && last > number) {
                broken.add("out of order: " + record + " after number " + last);
            }
            before = record;
        }
    }

    private void nothingIsThereTwice(Map<Integer, List<Read>> logs) {
        Map<String, Read> first = new HashMap<>();
        logs.values()
                .forEach(records -> records.forEach(record -> {
                    Read other = first.putIfAbsent(record.value(), record);
                    if (other != null) {
                        broken.add("twice: " + other + ", " + record);
                    }
                }));
    }

    private void nothingIsLost(List<Event> history) {
        for (Event event : history) {
            String value = switch (event) {
                case Acknowledged acknowledged -> acknowledged.value();
                case Read read -> read.value();
                case Committed _, Resumed _ -> null;
            };
            if (value != null) {
                Read there = log.get(new Place(event.partition(), event.offset()));
                if (there == null || !there.value().equals(value)) {
                    broken.add(event + ", but in the end there is " + there);
                }
            }
            if (event instanceof Read read) {
                consumed.add(read.value());
            }
        }
    }

    private void commitsHold(List<Event> history, Map<Integer, Long> committed) {
        Map<Integer, Long> highest = new HashMap<>();
        for (Event event : history) {
            long so = highest.getOrDefault(event.partition(), 0L);
            if (event instanceof Committed commit) {
                highest.merge(commit.partition(), commit.offset(), Math::max);
            } else if (event instanceof Resumed resumed && resumed.offset() < so) {
                broken.add(resumed + ", though " + so + " had been committed");
            }
        }
        highest.forEach((partition, offset) -> {
            if (committed.getOrDefault(partition, -1L) < offset) {
                broken.add("partition " + partition + ": offset " + offset + " was committed, but in the end it is "
                        + committed.get(partition));
            }
        });
    }

    private void everythingWasConsumed(List<Event> history) {
        for (Event event : history) {
            if (event instanceof Acknowledged acknowledged && !consumed.contains(acknowledged.value())) {
                broken.add(acknowledged + ", but the group has never read it");
            }
        }
    }
}
