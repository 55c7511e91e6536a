/** Row 1. Client quotas and throttling. */
@NullMarked
package io.millrace.broker.quota;

import org.jspecify.annotations.NullMarked;
