/**
 * Row 1. Storage of one partition's records in Kafka 4's on-disk layout, and the directories that hold them. Knows nothing of
 * requests, replicas or groups. A {@link io.millrace.broker.log.PartitionLog} is changed on its event loop only; readers on other
 * threads use {@link io.millrace.broker.log.LogSnapshot}.
 *
 * <p>Where to begin: {@code PartitionLog} is one log, {@code LogState} where it begins and ends. {@code LogAppender} appends what {@code
 * BatchCheck} and {@code LeaderBatches}, or {@code FollowerCheck}, let pass ({@code BatchLayout} knows where a batch's fields are); {@code
 * LogCuts} takes records away at either end. A log is {@code Segment}s, each with its {@code SegmentIndexes} ({@code OffsetIndex}, {@code
 * TimeIndex}, {@code TransactionIndex}) and {@code SegmentLookUp}, and {@code LeaderEpochs} and {@code ProducerStates}. It is read by
 * {@code LogReader} through a {@code LogView}; {@code LogFlush} brings it to the disk, {@code LogLoader} opens it again. {@code
 * LocalLogDirectories} holds all logs, each in a {@code Volume}: {@code DirectoryRecovery} opens them, {@code Housekeeping} does the
 * periodic work, {@code ReplicaMove} carries one elsewhere. Compaction is {@code Compaction} and everything that begins with {@code
 * Cleaner}.
 */
@NullMarked
package io.millrace.broker.log;

import org.jspecify.annotations.NullMarked;
