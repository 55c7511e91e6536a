/**
 * Row 4. The group journal: what happened in groups, who caused it and what moved, as events that can be kept and read. Events are made
 * on the shards' loops and written elsewhere.
 */
@NullMarked
package io.millrace.broker.coordinator.group.journal;

import org.jspecify.annotations.NullMarked;
