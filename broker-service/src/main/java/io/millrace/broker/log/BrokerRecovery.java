package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;

/** Opens what lies in all log directories when the broker starts, and decides where two hold the same partition. Used once. */
final class BrokerRecovery {

    private final Volumes volumes;
    private final Housekeeping housekeeping;
    private final RandomSource random;
    private final Map<TopicPartition, PartitionLog> logs;

    /** @param logs where the opened logs are put; checkpoints are written of what is there */
    BrokerRecovery(
            Volumes volumes, Housekeeping housekeeping, RandomSource random, Map<TopicPartition, PartitionLog> logs) {
        this.volumes = volumes;
        this.housekeeping = housekeeping;
        this.random = random;
        this.logs = logs;
    }

    /**
     * Blocks until every log that can be opened is, the directories side by side.
     *
     * @param interruptedMove told of a partition that was being copied, and whereto
     */
    void run(
            LogDirectories.OwnerOfLog owners,
            LogConfig config,
            IoWorkers workers,
            int threadsPerVolume,
            Clock clock,
            BiConsumer<TopicPartition, Volume> interruptedMove) {
        long startNs = clock.monotonicNs();
        Map<DirectoryRecovery, CountDownLatch> running = new LinkedHashMap<>();
        for (Volume volume : volumes.all()) {
            DirectoryRecovery recovery = new DirectoryRecovery(volume, volumes.filesOf(volume), owners, config);
            try {
                running.put(recovery, recovery.start(workers, threadsPerVolume));
            } catch (IOException e) {
                volume.fail("listing the log directory", e);
            }
        }
        running.forEach((recovery, latch) -> {
            try {
                recovery.finish(latch, startNs).forEach(this::take);
                housekeeping.removeDirectories(recovery.deleted());
                if (recovery.checkpointsAhead() && recovery.volume().isOnline()) {
                    housekeeping.checkpointNow(recovery.volume());
                }
                recovery.interruptedMoves().forEach(partition -> interruptedMove.accept(partition, recovery.volume()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while logs were being opened", e);
            }
        });
    }

    private void take(PartitionLog log) {
        PartitionLog other = logs.putIfAbsent(log.topicPartition(), log);
        if (other == null) {
            log.volume().logAdded();
        } else {
            keepTheLonger(other, log);
        }
    }

    /**
     * Two directories of one partition are left when the broker dies after a replica was copied and before its old files were removed:
     * the copy is used only when it has everything, so the one that reaches further is right. The other is put aside.
     */
    private void keepTheLonger(PartitionLog one, PartitionLog other) {
        boolean keepOne = one.offlineReason() == null
                && (other.offlineReason() != null
                        || one.snapshot().logEndOffset() > other.snapshot().logEndOffset());
        PartitionLog kept = keepOne ? one : other;
        PartitionLog spare = keepOne ? other : one;
        Path aside = LogFileNames.uniqueSibling(spare, random, LogFileNames.STRAY_DIRECTORY);
        LogEvents.LOG.warn(
                "{} lies in two log directories: {}, up to offset {}, is kept; {}, up to offset {}, is put aside as {} and can be removed",
                kept.topicPartition(),
                kept.directory(),
                kept.snapshot().logEndOffset(),
                spare.directory(),
                spare.snapshot().logEndOffset(),
                aside);
        try {
            spare.closeAndRename(aside);
        } catch (IOException e) {
            spare.volume().fail("putting aside " + spare.directory(), e);
        }
        if (!keepOne) {
            logs.put(kept.topicPartition(), kept);
            one.volume().logRemoved();
            other.volume().logAdded();
        }
    }
}
