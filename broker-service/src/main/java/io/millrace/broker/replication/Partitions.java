package io.millrace.broker.replication;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The partitions that have a replica on this broker; look-ups from any thread. */
public interface Partitions {

    @Nullable
    Partition find(String topic, int partition);

    @Nullable
    Partition find(Uuid topicId, int partition);

    /** Every partition here, in no order. */
    Iterable<Partition> all();

    /** Told when this broker becomes or stops being leader of a partition, on the partition's loop. */
    void onRoleChange(RoleListener listener);

    /** Upcall for coordinators, whose shards come and go with the leadership of their partitions. */
    interface RoleListener {
        void roleChanged(Partition partition, Partition.Role role);
    }
}
