/** The console, driven by a browser. Owner: the test thread. */
@NullMarked
package io.millrace.acceptance.console;

import org.jspecify.annotations.NullMarked;
