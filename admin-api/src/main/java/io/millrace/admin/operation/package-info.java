/** Work that takes longer than a request: started by a request, run by a virtual thread of its own, watched by any. */
@NullMarked
package io.millrace.admin.operation;

import org.jspecify.annotations.NullMarked;
