package io.millrace.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.utils.Crc32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Record batches that are not what they claim: the producer gets Apache Kafka's error, and nothing is appended. */
@Lab
final class HostileRecordsIT {
    // Offsets of the fields of a batch, format version 2.
    private static final int LENGTH = 8;
    private static final int MAGIC = 16;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int COUNT = 57;

    private final BrokerUnderTest broker;
    private final String topic;
    private final RawPeer peer;

    HostileRecordsIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("hostile-records", 1);
        this.peer = new RawPeer(broker.port());
    }

    @AfterEach
    void nothingWasAppendedAndOthersAreServed() {
        peer.close();
        assertThat(broker.clients().endOffset(new TopicPartition(topic, 0))).isZero();
        broker.clients().produce(topic, 0, List.of("served"));
        assertThat(broker.clients().readAll(topic, 0)).hasSize(1);
    }

    @Test
    void aBadChecksumIsCorrupt() {
        ByteBuffer batch = batch();
        batch.putInt(CRC, batch.getInt(CRC) + 1);
        assertThat(produce(batch)).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @Test
    void flippedBytesOfARecordAreCorrupt() {
        ByteBuffer batch = batch();
        batch.put(batch.limit() - 3, (byte) (batch.get(batch.limit() - 3) ^ 0xff));
        assertThat(produce(batch)).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(bytes = {0, 1})
    void anOldMagicIsInvalidInANewRequest(byte magic) {
        ByteBuffer batch = batch();
        batch.put(MAGIC, magic);
        assertThat(produce(batch)).isEqualTo(Errors.INVALID_RECORD);
    }

    @ParameterizedTest
    @ValueSource(bytes = {3, -1, 127})
    void anUnknownMagicIsCorrupt(byte magic) {
        ByteBuffer batch = batch();
        batch.put(MAGIC, magic);
        assertThat(produce(batch)).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 13, -1, Integer.MIN_VALUE})
    void aBatchLengthTooSmallIsCorrupt(int length) {
        ByteBuffer batch = batch();
        batch.putInt(LENGTH, length);
        assertThat(produce(batch)).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1, 1_000_000, Integer.MAX_VALUE})
    void aCountThatDisagreesWithTheOffsetsIsInvalid(int count) {
        ByteBuffer batch = batch();
        batch.putInt(COUNT, count);
        assertThat(produce(withChecksum(batch))).isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void aNegativeLastOffsetDeltaIsInvalid() {
        ByteBuffer batch = batch();
        batch.putInt(LAST_OFFSET_DELTA, -1);
        assertThat(produce(withChecksum(batch))).isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void aControlBatchFromAClientIsInvalid() {
        ByteBuffer batch = batch();
        batch.putShort(ATTRIBUTES, (short) (batch.getShort(ATTRIBUTES) | 0x20));
        assertThat(produce(withChecksum(batch))).isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void twoBatchesForOnePartitionAreInvalid() {
        ByteBuffer one = batch();
        ByteBuffer two = ByteBuffer.allocate(2 * one.limit());
        two.put(one.duplicate()).put(one.duplicate()).flip();
        assertThat(produce(two)).isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void acksOutOfRangeIsRefused() {
        assertThat(produce(batch(), (short) 2)).isEqualTo(Errors.INVALID_REQUIRED_ACKS);
    }

    private static ByteBuffer batch() {
        ByteBuffer records = MemoryRecords.withRecords(
                        Compression.NONE,
                        new SimpleRecord("one".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        new SimpleRecord("two".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .buffer();
        ByteBuffer copy = ByteBuffer.allocate(records.remaining());
        copy.put(records.duplicate()).flip();
        return copy;
    }

    private static ByteBuffer withChecksum(ByteBuffer batch) {
        batch.putInt(CRC, (int) Crc32C.compute(batch, ATTRIBUTES, batch.limit() - ATTRIBUTES));
        return batch;
    }

    private Errors produce(ByteBuffer batch) {
        return produce(batch, (short) -1);
    }

    private Errors produce(ByteBuffer batch, short acks) {
        var partition = new ProduceRequestData.PartitionProduceData()
                .setIndex(0)
                .setRecords(MemoryRecords.readableRecords(batch));
        var data = new ProduceRequestData().setAcks(acks).setTimeoutMs(10_000);
        data.topicData()
                .add(new ProduceRequestData.TopicProduceData().setName(topic).setPartitionData(List.of(partition)));
        ProduceResponse answer = (ProduceResponse) peer.ask(new ProduceRequest(data, (short) 9));
        return Errors.forCode(answer.data()
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .getFirst()
                .errorCode());
    }
}
