/**
 * Row 2. The metadata quorum: KRaft's own engine, controller and image, and this broker's registration with it. The only package
 * that imports {@code kafka-raft} and {@code kafka-metadata} (their API is internal to Kafka), so that an upgrade touches one place.
 */
@NullMarked
package io.millrace.broker.cluster;

import org.jspecify.annotations.NullMarked;
