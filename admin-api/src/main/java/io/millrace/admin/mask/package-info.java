/** Which parts of records nobody gets to see. Immutable after the start, used by any thread. */
@NullMarked
package io.millrace.admin.mask;

import org.jspecify.annotations.NullMarked;
