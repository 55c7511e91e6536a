/** Row 5. One handler per Kafka API: decode, authorise, throttle, route, encode; fetch sessions. */
@NullMarked
package io.millrace.broker.request;

import org.jspecify.annotations.NullMarked;
