/** What was changed through this API, by whom, and whether changing is allowed at all. Safe for any thread. */
@NullMarked
package io.millrace.admin.audit;

import org.jspecify.annotations.NullMarked;
