/**
 * The replication core of a cluster in one thread: brokers as they are in production, from request handlers to logs, over simulated
 * time, network, disks and controller, all driven by one seed. {@link io.millrace.broker.simulation.World} states what may go wrong.
 */
package io.millrace.broker.simulation;
