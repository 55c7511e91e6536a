package io.millrace.broker.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.replication.HostedPartitions;
import io.millrace.broker.replication.ManualLoop;
import io.millrace.broker.replication.NoPeers;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.ReplicationConfig;
import io.millrace.broker.request.TestImage;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a shard, when its partition gets another leader. */
class PartitionCoordinatorLogTest {

    private static final String TOPIC = "__consumer_offsets";

    @Test
    void whoWaitsForTheHighWatermarkDoesNotWaitOnWhenLeadershipIsLost(@TempDir Path directory) {
        ManualLoop loop = new ManualLoop(0);
        LocalLogDirectories directories = new LocalLogDirectories(
                Map.of("log.dirs", directory.toString()),
                FileStore.disk(),
                loop,
                RandomSource.system(),
                loop,
                loop,
                10,
                1 << 20);
        HostedPartitions partitions = new HostedPartitions(
                new ReplicationConfig(1, 1, 30_000, Map.of()),
                new EventLoops(List.of(loop)),
                directories,
                loop,
                new NoPeers(),
                new NoPeers());
        partitions.recover();
        partitions.imageChanged(new TestImage().topic(TOPIC, 1, 1, 2).asFirst());
        loop.drain();
        Partition partition = Objects.requireNonNull(partitions.find(TOPIC, 0));
        assertThat(partition.role().leader()).isTrue();

        // As a shard does that is being loaded: it looks at the high watermark and, as it is too low, waits for more.
        Loading loading = new Loading(new PartitionCoordinatorLog(partition));
        loading.run();
        partitions.imageChanged(new TestImage().topic(TOPIC, 1, 2, 1).asFirst());
        loop.drain();

        assertThat(partition.role().leader()).isFalse();
        assertThat(loading.calls).isEqualTo(2);
        directories.close();
    }

    private static final class Loading implements Runnable {
        private final PartitionCoordinatorLog log;
        private int calls;

        Loading(PartitionCoordinatorLog log) {
            this.log = log;
        }

        @Override
        public void run() {
            calls++;
            log.awaitHighWatermark(0, this);
        }
    }
}
