/** Measures of the clusters for Prometheus. Runs on the threads of scrapes, which ask no cluster anything. */
@NullMarked
package io.millrace.admin.metrics;

import org.jspecify.annotations.NullMarked;
