/** Row 4. The classic rebalance protocol. */
@NullMarked
package io.millrace.broker.coordinator.group.classic;

import org.jspecify.annotations.NullMarked;
