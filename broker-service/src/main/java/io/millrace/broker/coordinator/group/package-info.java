/** Row 4. Group coordination: pure shards over {@code __consumer_offsets}. */
@NullMarked
package io.millrace.broker.coordinator.group;

import org.jspecify.annotations.NullMarked;
