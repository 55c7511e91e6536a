package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Finishes what compaction had begun when the process died. A cleaned segment is first written as {@code .cleaned}, then its files are
 * renamed to {@code .swap} (the {@code .log} last), then the segments it replaces go, then {@code .swap} is taken from the names: so
 * a {@code .log.swap} is complete and replaces all segments with offsets in its range, and anything else is thrown away.
 */
final class SwapFiles {

    private SwapFiles() {}

    static void complete(FileStore store, Path directory) throws IOException {
        List<Path> swaps = new ArrayList<>();
        List<Path> cleaned = new ArrayList<>();
        TreeMap<Long, Path> logs = new TreeMap<>();
        TreeMap<Long, Path> logSwaps = new TreeMap<>();
        long firstCleaned = Long.MAX_VALUE;
        for (Path file : store.list(directory)) {
            String name = file.getFileName().toString();
            long base = LogFileNames.offsetOf(name, LogFileNames.LOG);
            if (base >= 0) {
                logs.put(base, file);
            } else if (name.endsWith(LogFileNames.CLEANED)) {
                firstCleaned = Math.min(firstCleaned, Long.parseLong(name.substring(0, 20)));
                cleaned.add(file);
            } else if (name.endsWith(LogFileNames.SWAP)) {
                swaps.add(file);
                long swapped = LogFileNames.offsetOf(name, LogFileNames.LOG + LogFileNames.SWAP);
                if (swapped >= 0) {
                    logSwaps.put(swapped, file);
                }
            }
        }
        if (swaps.isEmpty() && cleaned.isEmpty()) {
            return;
        }
        for (var swap : logSwaps.entrySet()) {
            // While .cleaned files exist the renaming to .swap had not ended: the segments they replace are all still
            // there.
            if (swap.getKey() < firstCleaned) {
                removeReplaced(store, directory, swap.getKey(), swap.getValue(), logs);
            }
        }
        for (Path swap : swaps) {
            String name = swap.getFileName().toString();
            long base = Long.parseLong(name.substring(0, 20));
            if (base < firstCleaned && logSwaps.containsKey(base)) {
                store.move(swap, directory.resolve(name.substring(0, name.length() - LogFileNames.SWAP.length())));
            } else if (!name.startsWith(LogFileNames.offsetName(base) + LogFileNames.LOG)
                    && base < firstCleaned
                    && logs.containsKey(base)) {
                // The .log was renamed already, before its indexes: they belong to it.
                store.move(swap, directory.resolve(name.substring(0, name.length() - LogFileNames.SWAP.length())));
            } else {
                store.delete(swap);
            }
        }
        // Last: while they are there, a crash in here does not let the next start take .swap files for complete.
        store.syncDirectory(directory);
        for (Path file : cleaned) {
            store.delete(file);
        }
    }

    /** Removes the segments that lie within a swapped one's offsets. */
    private static void removeReplaced(
            FileStore store, Path directory, long base, Path swapped, NavigableMap<Long, Path> logs)
            throws IOException {
        long[] last = {base};
        try (var channel = store.open(swapped, FileStore.Mode.READ)) {
            SegmentScan.scan(channel, 0, Math.toIntExact(channel.size()), false, (buffer, at, size, position) -> {
                last[0] = Math.max(last[0], BatchLayout.lastOffset(buffer, at));
                return true;
            });
        }
        for (long replaced : List.copyOf(logs.subMap(base, true, last[0], true).keySet())) {
            for (String suffix : List.of(
                    LogFileNames.LOG,
                    LogFileNames.OFFSET_INDEX,
                    LogFileNames.TIME_INDEX,
                    LogFileNames.TRANSACTION_INDEX)) {
                store.delete(LogFileNames.file(directory, replaced, suffix));
            }
            logs.remove(replaced);
        }
        LogEvents.LOG.info("{}: finishing the compaction that replaces offsets {} to {}", directory, base, last[0]);
    }
}
