/**
 * Row 4. The consumer rebalance protocol (KIP-848): the coordinator assigns, members reconcile partition by partition over their
 * heartbeats. On the shard's loop.
 */
@NullMarked
package io.millrace.broker.coordinator.group.consumer;

import org.jspecify.annotations.NullMarked;
