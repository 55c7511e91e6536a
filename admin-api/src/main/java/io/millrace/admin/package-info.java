/** The admin API: REST over any Kafka cluster, and the door to the console. Requests run on virtual threads. */
@NullMarked
package io.millrace.admin;

import org.jspecify.annotations.NullMarked;
