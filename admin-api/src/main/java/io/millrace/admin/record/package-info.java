/** Records: browsing, filtering, tailing, producing, purging. Runs on request threads, one consumer a request. */
@NullMarked
package io.millrace.admin.record;

import org.jspecify.annotations.NullMarked;
