/** Row 4. The runtime shared by all coordinators: shards, their log, replies at the high watermark. */
@NullMarked
package io.millrace.broker.coordinator;

import org.jspecify.annotations.NullMarked;
