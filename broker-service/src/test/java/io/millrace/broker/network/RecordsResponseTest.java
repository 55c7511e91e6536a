package io.millrace.broker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.protocol.FileSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecordsResponseTest {

    private static final short V12 = 12;

    private final TestServer server = new TestServer(NetworkConfig.defaults());
    private final AtomicInteger released = new AtomicInteger();

    @TempDir
    private Path directory;

    private FileChannel file;
    private MemoryRecords batch;

    @BeforeEach
    void write() throws IOException {
        batch = records("in a file ".repeat(5_000));
        file = FileChannel.open(
                directory.resolve("segment"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        file.write(ByteBuffer.wrap(new byte[100]));
        file.write(batch.buffer());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        file.close();
    }

    @Test
    void sendsFileSlicesAndMemoryBetweenTheFields() throws IOException {
        FileRecords raft = FileRecords.open(directory.resolve("raft").toFile());
        raft.append(records("of the raft engine"));
        server.start(request -> request.reply(response(slice(), records("in memory"), MemoryRecords.EMPTY, raft)));
        try (TestClient client = server.connect()) {
            for (int i = 0; i < 10; i++) {
                client.send(ApiKeys.FETCH, V12, new FetchRequestData());
                FetchResponseData answer = client.receive(ApiKeys.FETCH, V12);
                assertThat(values(answer, 0)).containsExactly("in a file ".repeat(5_000));
                assertThat(values(answer, 1)).containsExactly("in memory");
                assertThat(values(answer, 2)).isEmpty();
                assertThat(values(answer, 3)).containsExactly("of the raft engine");
            }
        }
        assertThat(released.get()).isEqualTo(10);
        assertThat(file.isOpen()).isTrue();
        raft.close();
    }

    @Test
    void closesTheConnectionWhenTheFileWasCutUnderAResponse() throws Exception {
        server.start(request -> {
            try {
                file.truncate(200);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            request.reply(response(slice()));
        });
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.FETCH, V12, new FetchRequestData());
            // A client that waited for bytes which do not exist would wait for ever.
            assertThatThrownBy(() -> client.receive(ApiKeys.FETCH, V12)).isInstanceOf(IOException.class);
        }
        while (released.get() == 0) {
            Thread.onSpinWait(); // The server's loop sees to it after the client has seen the end.
        }
        assertThat(released.get()).isEqualTo(1);
        assertThat(file.isOpen()).isTrue();
    }

    @Test
    void givesBackTheSlicesOfAResponseThatNobodyWaitsForAnyMore() throws Exception {
        BlockingQueue<Request> asked = new LinkedBlockingQueue<>();
        CountDownLatch ended = new CountDownLatch(1);
        server.server().onConnectionClosed(id -> ended.countDown());
        server.start(asked::add);
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.FETCH, V12, new FetchRequestData());
            Request request = asked.poll(30, TimeUnit.SECONDS);
            client.close();
            ended.await();
            request.reply(response(slice(), slice()));
            CountDownLatch done = new CountDownLatch(1);
            request.loop().execute(done::countDown);
            done.await();
        }
        assertThat(released.get()).isEqualTo(2);
    }

    @Test
    void givesBackTheSlicesOfAResponseThatCannotBeWritten() throws IOException {
        server.start(request -> {
            FetchResponseData answer = response(slice(), slice());
            answer.responses().getFirst().partitions().getFirst().setErrorCode((short) 0);
            answer.responses().getFirst().setTopic(null);
            request.reply(answer);
        });
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.FETCH, V12, new FetchRequestData());
            assertThat(client.ended()).isTrue();
        }
        assertThat(released.get()).isEqualTo(2);
    }

    @Test
    void recordsOfARequestStayUntilItIsAnswered() throws Exception {
        BlockingQueue<Request> asked = new LinkedBlockingQueue<>();
        server.start(asked::add);
        try (TestClient client = server.connect()) {
            for (int i = 0; i < 30; i++) {
                client.send(ApiKeys.PRODUCE, (short) 9, produce("value " + i));
            }
            for (int i = 0; i < 30; i++) {
                Request request = asked.poll(30, TimeUnit.SECONDS);
                ProduceRequestData produce = (ProduceRequestData) request.body();
                MemoryRecords records = (MemoryRecords) produce.topicData()
                        .iterator()
                        .next()
                        .partitionData()
                        .getFirst()
                        .records();
                assertThat(records.buffer().isDirect()).isTrue();
                assertThat(values(records)).containsExactly("value " + i);
                request.reply(new ProduceResponseData());
                client.receive(ApiKeys.PRODUCE, (short) 9);
            }
        }
    }

    private FileSlice slice() {
        return new FileSlice() {
            @Override
            public FileChannel channel() {
                return file;
            }

            @Override
            public long position() {
                return 100;
            }

            @Override
            public int sizeInBytes() {
                return batch.sizeInBytes();
            }

            @Override
            public void release() {
                released.incrementAndGet();
            }
        };
    }

    private static FetchResponseData response(BaseRecords... records) {
        FetchableTopicResponse topic = new FetchableTopicResponse().setTopic("t");
        for (int i = 0; i < records.length; i++) {
            topic.partitions().add(new PartitionData().setPartitionIndex(i).setRecords(records[i]));
        }
        return new FetchResponseData().setResponses(List.of(topic));
    }

    private static ProduceRequestData produce(String value) {
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName("t")
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData().setRecords(records(value)))));
        return new ProduceRequestData().setAcks((short) 1).setTopicData(topics);
    }

    private static MemoryRecords records(String value) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(value.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> values(FetchResponseData answer, int partition) {
        return values((MemoryRecords)
                answer.responses().getFirst().partitions().get(partition).records());
    }

    private static List<String> values(MemoryRecords records) {
        List<String> values = new java.util.ArrayList<>();
        for (Record record : records.records()) {
            values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
        }
        return values;
    }
}
