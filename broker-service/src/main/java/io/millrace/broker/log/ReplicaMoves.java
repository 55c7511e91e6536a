package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The replicas on their way between the log directories, one move a partition. */
final class ReplicaMoves implements ReplicaMove.Owner {

    /** What the moves change of the log directories. */
    interface Directories {
        /** {@code broker}'s {@code replica.alter.log.dirs.io.max.bytes.per.second}. */
        double bytesPerSecond();

        /** {@code copy} is the partition's log now; on the partition's loop. */
        void replace(PartitionLog original, PartitionLog copy);

        /** Removes a copy that is not used. */
        void discard(PartitionLog copy);
    }

    private final Directories directories;
    private final IoWorkers workers;
    private final EventLoop timers;
    private final RandomSource random;
    private final Map<TopicPartition, ReplicaMove> moves = new ConcurrentHashMap<>();

    ReplicaMoves(Directories directories, IoWorkers workers, EventLoop timers, RandomSource random) {
        this.directories = directories;
        this.workers = workers;
        this.timers = timers;
        this.random = random;
    }

    /** Any thread. */
    Collection<ReplicaMove> running() {
        return moves.values();
    }

    /**
     * Moves a log into a volume, unless that is being done; a move into another one ends, and where the log lies already there is nothing
     * to do. On the partition's loop.
     */
    void move(PartitionLog log, Volume destination) {
        ReplicaMove running = moves.get(log.topicPartition());
        if (running != null && running.destination() == destination) {
            return;
        }
        cancel(log.topicPartition());
        if (log.volume() == destination) {
            return;
        }
        Path future = destination.path().resolve(LogFileNames.futureName(log.topicPartition(), random.nextUuid()));
        ReplicaMove move = new ReplicaMove(log, destination, future, workers, timers, this);
        moves.put(log.topicPartition(), move);
        LogEvents.LOG.info("{}: moving from {} to {}", log.topicPartition(), log.directory(), destination.path());
        move.begin();
    }

    /** Ends the move of a partition, if there is one. */
    void cancel(TopicPartition partition) {
        ReplicaMove running = moves.remove(partition);
        if (running != null) {
            running.cancel();
        }
    }

    @Override
    public double bytesPerSecond() {
        return directories.bytesPerSecond() / Math.max(1, moves.size());
    }

    @Override
    public void finished(ReplicaMove move, PartitionLog copy) {
        moves.remove(copy.topicPartition(), move);
        directories.replace(move.original(), copy);
        LogEvents.LOG.info("{}: moved to {}", copy.topicPartition(), copy.directory());
    }

    @Override
    public void abandoned(ReplicaMove move) {
        moves.remove(move.original().topicPartition(), move);
        @Nullable PartitionLog copy = move.copy();
        if (copy != null) {
            directories.discard(copy);
        }
    }
}
