/**
 * Figures of a cluster of three processes, against Millrace or Apache Kafka ({@code -Doracle}); run by name only, for example
 * {@code -Dit.test=ClusterFigures}. Owner: the test's thread.
 */
@NullMarked
package io.millrace.acceptance.figures;

import org.jspecify.annotations.NullMarked;
