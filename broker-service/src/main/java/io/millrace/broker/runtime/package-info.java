/**
 * Row 0. The simulation seams: event loops, clock, randomness, worker threads, files. Every thread, every reading of time and
 * every file of the broker comes from here, so that a whole cluster can run on one thread under simulated time and disk.
 */
@NullMarked
package io.millrace.broker.runtime;

import org.jspecify.annotations.NullMarked;
