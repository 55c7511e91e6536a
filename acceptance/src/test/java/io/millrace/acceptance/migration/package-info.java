/** Clusters of Apache Kafka and Millrace together, and the way from one to the other. Owner: the test thread. */
@NullMarked
package io.millrace.acceptance.migration;

import org.jspecify.annotations.NullMarked;
