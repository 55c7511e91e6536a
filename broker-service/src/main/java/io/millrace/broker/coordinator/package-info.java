/**
 * Row 4. The runtime shared by all coordinators: one pure shard per partition of an internal topic, living on that partition's event
 * loop; decisions appended to the partition, replayed into the shard, answered once the high watermark has passed them.
 */
@NullMarked
package io.millrace.broker.coordinator;

import org.jspecify.annotations.NullMarked;
