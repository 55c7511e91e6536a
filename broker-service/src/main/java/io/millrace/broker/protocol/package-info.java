/**
 * Row 0. What goes over the wire: request headers, messages and record batches, all in the formats of {@code kafka-clients};
 * which APIs this broker serves, in which versions.
 */
@NullMarked
package io.millrace.broker.protocol;

import org.jspecify.annotations.NullMarked;
