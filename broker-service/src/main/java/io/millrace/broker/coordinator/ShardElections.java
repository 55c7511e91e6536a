package io.millrace.broker.coordinator;

import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.Partitions;

/** Passes the leadership of an internal topic's partitions on to its coordinators; on each partition's loop. */
public final class ShardElections implements Partitions.RoleListener {
    private final CoordinatorRuntime<?> runtime;

    public ShardElections(CoordinatorRuntime<?> runtime) {
        this.runtime = runtime;
    }

    /** Follows roles from now on, and takes over the partitions that this broker leads already. */
    public void follow(Partitions partitions) {
        partitions.onRoleChange(this);
        for (Partition partition : partitions.all()) {
            if (isOurs(partition)) {
                partition.loop().run(() -> roleChanged(partition, partition.role()));
            }
        }
    }

    @Override
    public void roleChanged(Partition partition, Partition.Role role) {
        if (!isOurs(partition)) {
            return;
        }
        int number = partition.id().partition();
        if (role.leader()) {
            runtime.elected(number, role.leaderEpoch(), new PartitionCoordinatorLog(partition));
        } else {
            runtime.resigned(number, role.leaderEpoch());
        }
    }

    private boolean isOurs(Partition partition) {
        return partition.id().topic().equals(runtime.topic());
    }
}
