/** Child processes and their output. Owner: the test thread, with one reader thread per process. */
@NullMarked
package io.millrace.acceptance.process;

import org.jspecify.annotations.NullMarked;
