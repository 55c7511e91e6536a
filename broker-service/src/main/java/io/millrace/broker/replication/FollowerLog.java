package io.millrace.broker.replication;

import io.millrace.broker.log.AppendResult;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.log.PartitionLog.EpochEnd;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that is made equal to its leader's: first cut back to where both agree, then extended; on the log's loop.
 *
 * <p>Nothing is cut because of the high watermark, which a follower learns late: only what the leader, by leader epochs, says it does
 * not have (KIP-101, KIP-279, KIP-595).
 */
final class FollowerLog {

    private static final Logger LOG = LoggerFactory.getLogger(FollowerLog.class);

    private final PartitionLog log;

    FollowerLog(PartitionLog log) {
        this.log = log;
    }

    /** Where a log begins to follow. One without leader epochs cannot be compared with the leader's: its high watermark is all it has. */
    FetchPosition begin() {
        LogSnapshot now = log.snapshot();
        if (now.latestEpoch() < 0 && now.logEndOffset() > now.highWatermark()) {
            truncate(now.highWatermark(), "its batches have no leader epochs");
        }
        return FetchPosition.of(log.snapshot());
    }

    /** Takes in what the leader answered to a fetch; {@code done} is called once, on the loop, when its records are as safe as asked. */
    void take(PartitionData answer, Consumer<FollowerStep> done) {
        try {
            EpochEndOffset diverging = answer.divergingEpoch();
            if (diverging.endOffset() >= 0) {
                truncate(agreement(diverging), "the leader's epoch " + diverging.epoch() + " ends there");
                done.accept(at(Errors.NONE));
                return;
            }
            MemoryRecords records = answer.records() instanceof MemoryRecords some ? some : MemoryRecords.EMPTY;
            AppendResult result = append(records, answer.logStartOffset());
            switch (result) {
                case AppendResult.Appended appended -> {
                    log.copied(records.sizeInBytes(), appended.endOffsetExclusive() < answer.highWatermark());
                    follow(answer);
                    if (appended.awaitsFlush()) {
                        log.awaitFlush(appended.endOffsetExclusive(), error -> done.accept(at(error)));
                    } else {
                        done.accept(at(Errors.NONE));
                    }
                }
                case AppendResult.Duplicate _ -> done.accept(at(Errors.UNKNOWN_SERVER_ERROR));
                case AppendResult.Rejected rejected -> {
                    LOG.warn("{} cannot take its leader's records: {}", log.topicPartition(), rejected.message());
                    done.accept(at(rejected.error()));
                }
            }
        } catch (KafkaStorageException e) {
            LOG.warn("{} cannot follow its leader", log.topicPartition(), e);
            done.accept(at(Errors.KAFKA_STORAGE_ERROR));
        }
    }

    private FollowerStep at(Errors error) {
        return new FollowerStep(FetchPosition.of(log.snapshot()), error);
    }

    private AppendResult append(MemoryRecords records, long leadersStart) {
        LogSnapshot now = log.snapshot();
        long end = now.logEndOffset();
        long first = records.sizeInBytes() > 0 && records.batchIterator().hasNext()
                ? records.batchIterator().next().baseOffset()
                : end;
        boolean empty = now.logStartOffset() == end;
        if (first < end && (empty || first < leadersStart)) {
            // The leader's log begins inside of this batch. What is here of its offsets could not be compared with the
            // leader's, which has deleted it.
            if (first <= now.logStartOffset()) {
                log.truncateFullyAndStartAt(first);
            } else {
                truncate(first, "the leader's log begins inside of a batch that begins there");
            }
        }
        return log.appendAsFollower(records);
    }

    /** Takes over how far the leader's log is committed and where it begins. */
    private void follow(PartitionData answer) {
        log.advanceHighWatermark(answer.highWatermark());
        LogSnapshot now = log.snapshot();
        long start = Math.min(answer.logStartOffset(), now.highWatermark());
        if (start > now.logStartOffset()) {
            log.advanceLogStart(start);
        }
    }

    /** The greatest offset up to which this log can be the same as the leader's, whose epoch ends where {@code leaders} says. */
    private long agreement(EpochEndOffset leaders) {
        long ours = log.snapshot().logEndOffset();
        EpochEnd end = log.endOfEpoch(leaders.epoch());
        if (end.leaderEpoch() >= 0 && end.endOffsetExclusive() >= 0) {
            ours = Math.min(ours, end.endOffsetExclusive());
        }
        return Math.min(ours, leaders.endOffset());
    }

    /** After the leader has said that our end is outside of its log, which has {@code leadersStart} to {@code leadersEnd}. */
    FollowerStep moveInto(long leadersStart, long leadersEnd) {
        try {
            LogSnapshot now = log.snapshot();
            if (now.logEndOffset() > leadersEnd) {
                truncate(leadersEnd, "the leader's log ends there");
            } else if (now.logEndOffset() < leadersStart) {
                LOG.info(
                        "{} ends at {}, before the leader's log begins: starting again, empty, at {}",
                        log.topicPartition(),
                        now.logEndOffset(),
                        leadersStart);
                log.truncateFullyAndStartAt(leadersStart);
            }
            return at(Errors.NONE);
        } catch (KafkaStorageException e) {
            LOG.warn("{} cannot follow its leader", log.topicPartition(), e);
            return at(Errors.KAFKA_STORAGE_ERROR);
        }
    }

    private void truncate(long offset, String reason) {
        LogSnapshot now = log.snapshot();
        if (offset < now.highWatermark()) {
            LOG.warn(
                    "{}: truncating from {} to {}, below the high watermark {}: {}",
                    log.topicPartition(),
                    now.logEndOffset(),
                    offset,
                    now.highWatermark(),
                    reason);
        } else {
            LOG.info("{}: truncating from {} to {}: {}", log.topicPartition(), now.logEndOffset(), offset, reason);
        }
        log.truncateTo(offset);
    }
}
