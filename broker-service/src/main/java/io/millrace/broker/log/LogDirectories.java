package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The broker's {@code log.dirs}: finds the logs that lie in them at start, creates and deletes logs, writes checkpoints, runs
 * retention and flushes in the background. {@link LocalLogDirectories} is the one for disks.
 */
public interface LogDirectories extends AutoCloseable {

    /** One directory of {@code log.dirs}. */
    record LogDirectory(Path path, Uuid id, boolean online, long totalBytes, long usableBytes) {}

    /**
     * A log that was found at start.
     *
     * @param topicId id of the topic it was written for; the zero id if its directory does not say
     */
    record FoundLog(TopicPartition topicPartition, Uuid topicId, PartitionLog log) {}

    /** Opens and, after a crash, recovers every log; blocks its caller and logs progress. Once, before anything else. */
    List<FoundLog> recover(OwnerOfLog owners);

    /**
     * The broker epoch under which the broker last shut down cleanly, as the registration with the controller wants to know it; empty
     * after a crash.
     */
    OptionalLong previousBrokerEpoch();

    /** Learns how the opening of a log ended. */
    interface OpenListener {
        /** One of the two is given: the log, or why no directory can take it. On the loop that owns the log. */
        void opened(@Nullable PartitionLog log, @Nullable KafkaStorageException problem);
    }

    /**
     * Opens the log of a partition; {@code owner}'s thread. A log that was found at start is opened at once; else one is made on an
     * I/O worker, in the named or the emptiest online directory, after whatever is still being done to the directory of that name. A
     * log of the same name that was written for another topic id is set aside first.
     */
    void open(
            TopicPartition topicPartition,
            Uuid topicId,
            EventLoop owner,
            Map<String, String> topicOverrides,
            @Nullable Uuid directoryId,
            OpenListener listener);

    /** Takes the log away: no more changes at once; its files are renamed, then removed in the background. {@code owner}'s thread. */
    void delete(PartitionLog log);

    /**
     * Takes away a log that belongs to no partition of this broker: its directory gets a name that ends in {@code -stray}, as with Apache
     * Kafka, and stays. Nothing happens if another log has its place by now. {@code owner}'s thread.
     *
     * @param why what is wrong with it, as the end of a sentence about the log
     */
    void setAside(PartitionLog log, String why);

    /** Replaces the topic's own settings of one log; {@code owner}'s thread. */
    void configure(PartitionLog log, Map<String, String> topicOverrides);

    /** Replaces the broker's settings, of which every log takes what its topic does not set; any thread. */
    void configureBroker(Map<String, String> brokerSettings);

    /**
     * A replica that is being copied into another directory.
     *
     * @param lag how many offsets the copy has yet to follow
     */
    record FutureLog(TopicPartition topicPartition, Uuid directoryId, long sizeBytes, long lag) {}

    /** Learns which log is in the place of another. */
    interface MoveListener {
        /** {@code after} is the partition's log now, {@code before} takes no more changes; on the partition's loop. */
        void moved(PartitionLog before, PartitionLog after);
    }

    /**
     * Moves a replica into another directory in the background, while it is used (KIP-113); on the partition's loop. A move that goes on
     * already continues, one to elsewhere ends. Without a {@code log}, as the partition is not here, the directory is remembered for it.
     *
     * @return NONE when the move is on its way or nothing is to be done; INVALID_TOPIC_EXCEPTION for a name too long for a copy's
     *     directory, LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR for an offline directory, REPLICA_NOT_AVAILABLE without a log
     */
    Errors alterDirectory(TopicPartition partition, @Nullable PartitionLog log, Path destination);

    List<FutureLog> futureLogs();

    void onMoved(MoveListener listener);

    List<LogDirectory> directories();

    /** The id of the directory that holds {@code log}; asks no disk. */
    Uuid directoryIdOf(PartitionLog log);

    /** Called with a directory that has just gone offline; any thread. */
    void onOffline(Consumer<LogDirectory> listener);

    /**
     * Flushes, writes checkpoints and the clean-shutdown marker. The loops that own the logs have stopped changing them.
     *
     * @param brokerEpoch the epoch the broker was last registered with; -1 when it was not
     */
    void close(long brokerEpoch);

    @Override
    default void close() {
        close(-1);
    }

    /** Says which loop owns a partition's log. */
    interface OwnerOfLog {
        EventLoop ownerOf(TopicPartition topicPartition, Uuid topicId);
    }
}
