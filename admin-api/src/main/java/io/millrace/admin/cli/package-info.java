/** Commands that speak to a running admin API, in kubectl's words. One thread, no Spring. */
@NullMarked
package io.millrace.admin.cli;

import org.jspecify.annotations.NullMarked;
