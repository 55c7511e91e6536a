/**
 * Row 1. Storage of one partition's records in Kafka 4's on-disk layout, and the directories that hold them. Knows nothing of
 * requests, replicas or groups. A {@link io.millrace.broker.log.PartitionLog} is changed on its event loop only; readers on other
 * threads use {@link io.millrace.broker.log.LogSnapshot}.
 */
@NullMarked
package io.millrace.broker.log;

import org.jspecify.annotations.NullMarked;
