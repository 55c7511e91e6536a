/** Row 4. Committed offsets: the store of one shard, commit, fetch, delete and expiry; on the shard's loop. */
@NullMarked
package io.millrace.broker.coordinator.group.offset;

import org.jspecify.annotations.NullMarked;
