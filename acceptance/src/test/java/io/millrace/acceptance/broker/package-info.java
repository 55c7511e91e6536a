/** Starts the broker under test, Apache Kafka or Millrace, and hands it to the labs. Owner: the test thread. */
@NullMarked
package io.millrace.acceptance.broker;

import org.jspecify.annotations.NullMarked;
