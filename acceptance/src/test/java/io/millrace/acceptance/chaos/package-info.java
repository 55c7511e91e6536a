/**
 * A cluster of real processes to which bad things happen while clients work, and what they were told held against what is there in the
 * end. {@link io.millrace.acceptance.chaos.ChaosRun} is one run. Owner: the thread that runs it; {@code History} belongs to all.
 */
@NullMarked
package io.millrace.acceptance.chaos;

import org.jspecify.annotations.NullMarked;
