/**
 * A Spring Kafka application for watching rebalances: it consumes a topic in a group, says which partitions it was given and which
 * were taken away, and with the profile {@code producer} it writes records instead.
 */
@NullMarked
package io.millrace.sample;

import org.jspecify.annotations.NullMarked;
