/** Millrace broker service: storage, replication and coordination behind the Kafka protocol. */
@NullMarked
package io.millrace.broker;

import org.jspecify.annotations.NullMarked;
