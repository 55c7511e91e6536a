package io.millrace.broker.request;

import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.replication.HostedPartitions;
import io.millrace.broker.replication.ManualLoop;
import io.millrace.broker.replication.NoPeers;
import io.millrace.broker.replication.ReplicationConfig;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Broker 1 with real logs, on one loop that the test drives; its cluster is what the test wrote down. No group coordinator. */
final class TestBroker implements AutoCloseable {

    final ManualLoop loop = new ManualLoop(0);
    final TestCluster cluster = new TestCluster();
    final LogDirectories directories;
    final HostedPartitions partitions;
    final RequestDispatcher dispatcher;

    TestBroker(Path directory) {
        EventLoops loops = new EventLoops(List.of(loop));
        directories = new LocalLogDirectories(
                Map.of("log.dirs", directory.toString()),
                FileStore.disk(),
                loop,
                RandomSource.system(),
                loop,
                loop,
                100,
                1 << 20);
        partitions = new HostedPartitions(
                new ReplicationConfig(1, 1, 30_000, Map.of()), loops, directories, loop, new NoPeers(), new NoPeers());
        partitions.recover();
        RequestConfig.InternalTopic internal = new RequestConfig.InternalTopic(5, (short) 1, 1 << 20, 1);
        RequestConfig config = new RequestConfig(1, true, 2_000, 1 << 20, 4, internal, internal, null);
        dispatcher = new RequestDispatcher(
                ServedRequests.of(new BrokerServices(
                        config,
                        new NodeSettings(new ConfigDef(), Map.of(), Map.of()),
                        cluster,
                        partitions,
                        directories,
                        NoGroups.coordinator(),
                        Authorization.everybodyEverything(),
                        loops,
                        loop,
                        loop,
                        RandomSource.system())),
                Set.of(),
                cluster);
    }

    /** Shows {@code image} to the broker. */
    void follow(TestImage image) {
        cluster.image = image;
        partitions.imageChanged(image.asFirst());
        loop.drain();
    }

    Asked ask(ApiKeys api, int version, ApiMessage body) {
        Asked request = new Asked(api, version, body, loop);
        dispatcher.receive(request);
        loop.drain();
        return request;
    }

    static MemoryRecords records(String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(1_700_000_000_000L + i, null, values[i].getBytes(StandardCharsets.UTF_8));
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    @Override
    public void close() {
        loop.drain();
        directories.close();
    }
}
