/** Row 0. Metrics: names, units and the registry. */
@NullMarked
package io.millrace.broker.telemetry;

import org.jspecify.annotations.NullMarked;
