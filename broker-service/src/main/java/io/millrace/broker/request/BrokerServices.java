package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.coordinator.group.GroupCoordinator;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.replication.Partitions;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;

/** Everything of a broker that request handlers work on. */
public record BrokerServices(
        RequestConfig config,
        NodeSettings settings,
        Cluster cluster,
        Partitions partitions,
        LogDirectories directories,
        GroupCoordinator groups,
        Authorization authorization,
        EventLoops loops,
        IoWorkers workers,
        Clock clock,
        RandomSource random) {}
