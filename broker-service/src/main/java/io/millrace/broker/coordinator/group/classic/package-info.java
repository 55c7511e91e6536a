/**
 * Row 4. The classic rebalance protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup): clients agree on an assignment of their own
 * making, the coordinator keeps the barriers. On the shard's loop.
 */
@NullMarked
package io.millrace.broker.coordinator.group.classic;

import org.jspecify.annotations.NullMarked;
