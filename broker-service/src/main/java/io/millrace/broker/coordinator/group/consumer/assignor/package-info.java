/** Row 4. Server-side assignors of the consumer protocol, behind Kafka's public assignor interface; pure functions. */
@NullMarked
package io.millrace.broker.coordinator.group.consumer.assignor;

import org.jspecify.annotations.NullMarked;
