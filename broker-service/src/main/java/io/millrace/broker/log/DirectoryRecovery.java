package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.IoWorkers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** Opens all logs of one log directory at start, several at a time, and says how far it is. Used once. */
final class DirectoryRecovery {

    private static final String CLUSTER_METADATA_TOPIC = "__cluster_metadata";
    private static final long PROGRESS_INTERVAL_NS = 5_000_000_000L;

    private final Volume volume;
    private final VolumeFiles files;
    private final LogDirectories.OwnerOfLog owners;
    private final LogConfig config;
    private final Queue<Path> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<PartitionLog> opened = new ConcurrentLinkedQueue<>();
    private final List<Path> deleted = new ArrayList<>();
    private final List<TopicPartition> interruptedMoves = new ArrayList<>();
    private final AtomicInteger done = new AtomicInteger();
    private Map<TopicPartition, Long> cleaned = Map.of();
    private boolean recoveryPointsKnown;
    private volatile boolean checkpointsAhead;
    private int total;
    private int strays;

    DirectoryRecovery(Volume volume, VolumeFiles files, LogDirectories.OwnerOfLog owners, LogConfig config) {
        this.volume = volume;
        this.files = files;
        this.owners = owners;
        this.config = config;
    }

    /** Partitions that were being copied into this directory. */
    List<TopicPartition> interruptedMoves() {
        return interruptedMoves;
    }

    /** Directories of logs whose deletion had begun, and of unfinished copies. */
    List<Path> deleted() {
        return deleted;
    }

    /** Starts opening; {@link #finish} waits for the end. */
    CountDownLatch start(IoWorkers workers, int threads) throws IOException {
        VolumeFiles.LastRun lastRun = files.lastRun();
        list();
        if (total > 0) {
            LogEvents.LOG.info(
                    "Log directory {}: opening {} logs after {}",
                    volume.path(),
                    total,
                    lastRun.clean() ? "a clean shutdown" : "a crash; what lies past the recovery points is checked");
        }
        Map<TopicPartition, Long> recoveryPoints = files.readOffsets(CheckpointFile.RECOVERY_POINTS);
        recoveryPointsKnown = files.hasOffsets(CheckpointFile.RECOVERY_POINTS);
        checkpointsAhead = !recoveryPointsKnown; // From now on, a log that is not in the file is a new one.
        boolean gapsAreLosses = recoveryPointsKnown && lastRun.machineRestarted();
        cleaned = files.readOffsets(CheckpointFile.CLEANED);
        Map<TopicPartition, Long> starts = files.readOffsets(CheckpointFile.LOG_STARTS);
        Map<TopicPartition, Long> highWatermarks = files.readOffsets(CheckpointFile.HIGH_WATERMARKS);
        Function<TopicPartition, LogLoader.Known> known = partition -> new LogLoader.Known(
                recoveryPoints.getOrDefault(partition, 0L),
                gapsAreLosses
                        ? Math.max(recoveryPoints.getOrDefault(partition, 0L), cleaned.getOrDefault(partition, 0L))
                        : Long.MAX_VALUE,
                starts.getOrDefault(partition, 0L),
                highWatermarks.getOrDefault(partition, 0L),
                lastRun.clean(),
                lastRun.samePageCache());
        int used = Math.max(1, Math.min(threads, total));
        CountDownLatch latch = new CountDownLatch(used);
        long startNs = volume.clock().monotonicNs();
        for (int i = 0; i < used; i++) {
            workers.submit(() -> {
                try {
                    openWaiting(known, startNs);
                } finally {
                    latch.countDown();
                }
            });
        }
        return latch;
    }

    private void list() throws IOException {
        FileStore store = volume.store();
        for (Path path : store.list(volume.path())) {
            String name = path.getFileName().toString();
            if (!store.isDirectory(path)) {
                continue;
            }
            if (name.endsWith(LogFileNames.DELETED_DIRECTORY)) {
                deleted.add(path);
                continue;
            }
            if (name.endsWith(LogFileNames.STRAY_DIRECTORY)) {
                strays++;
                continue;
            }
            TopicPartition copied = LogFileNames.futurePartitionOf(name);
            if (copied != null) {
                deleted.add(path);
                interruptedMoves.add(copied);
                continue;
            }
            TopicPartition partition = LogFileNames.partitionOf(name);
            if (partition != null && !partition.topic().equals(CLUSTER_METADATA_TOPIC)) {
                waiting.add(path);
            }
        }
        total = waiting.size();
        if (strays > 0) {
            LogEvents.LOG.warn(
                    "Log directory {}: {} logs lie there that were set aside, under names that end in {}. Nothing reads them; remove them when their records are not needed.",
                    volume.path(),
                    strays,
                    LogFileNames.STRAY_DIRECTORY);
        }
    }

    private void openWaiting(Function<TopicPartition, LogLoader.Known> known, long startNs) {
        for (Path path = waiting.poll(); path != null && volume.isOnline(); path = waiting.poll()) {
            TopicPartition partition = java.util.Objects.requireNonNull(
                    LogFileNames.partitionOf(path.getFileName().toString()));
            try {
                opened.add(open(path, partition, known.apply(partition)));
            } catch (IOException e) {
                volume.fail("opening the log " + path, e);
                return;
            }
            report(done.incrementAndGet(), startNs);
        }
    }

    private PartitionLog open(Path path, TopicPartition partition, LogLoader.Known known) throws IOException {
        Uuid topicId = PartitionMetadataFile.read(volume.store(), path);
        Uuid id = topicId == null ? Uuid.ZERO_UUID : topicId;
        EventLoop loop = owners.ownerOf(partition, id);
        PartitionLog log = LogLoader.load(volume, path, partition, id, loop, config, known);
        Long offset = cleaned.get(partition);
        if (offset != null && offset <= log.snapshot().logEndOffset()) {
            log.compaction().cleanedTo(offset);
        } else if (offset != null) {
            checkpointsAhead = true; // Compacted records were lost with the power; others may take their offsets.
        }
        checkpointsAhead |= known.recoveryPoint() > log.snapshot().logEndOffset();
        if (!recoveryPointsKnown && log.offlineReason() == null) {
            log.flush().recovered(); // Else power that is lost next could make compacted records look like lost ones.
        }
        return log;
    }

    private volatile long nextReportNs;

    private void report(int count, long startNs) {
        long now = volume.clock().monotonicNs();
        if (now - startNs - nextReportNs > PROGRESS_INTERVAL_NS) {
            nextReportNs = now - startNs;
            LogEvents.LOG.info("Log directory {}: {} of {} logs opened", volume.path(), count, total);
        }
    }

    List<PartitionLog> finish(CountDownLatch latch, long startNs) throws IOException, InterruptedException {
        latch.await();
        LogEvents.LOG.info(
                "Log directory {}: {} logs opened in {} ms",
                volume.path(),
                done.get(),
                (volume.clock().monotonicNs() - startNs) / 1_000_000);
        if (volume.isOnline()) {
            files.beginRun();
        }
        return List.copyOf(opened);
    }

    /** Whether the checkpoints say more than is true of the opened logs, and must be written before they grow. */
    boolean checkpointsAhead() {
        return checkpointsAhead;
    }

    Volume volume() {
        return volume;
    }
}
