/** One process with everything: broker, admin API and console. */
@NullMarked
package io.millrace.standalone;

import org.jspecify.annotations.NullMarked;
