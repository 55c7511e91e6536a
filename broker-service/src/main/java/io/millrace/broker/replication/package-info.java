/**
 * Row 3. Partitions of this broker: leader and follower roles, in-sync replicas, high watermark, waiting produces and fetches. A
 * partition lives on one event loop.
 */
@NullMarked
package io.millrace.broker.replication;

import org.jspecify.annotations.NullMarked;
