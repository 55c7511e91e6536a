/** Burrow's lag evaluation and its HTTP endpoints. One thread a cluster reads the commits; windows are locked one by one. */
@NullMarked
package io.millrace.admin.burrow;

import org.jspecify.annotations.NullMarked;
