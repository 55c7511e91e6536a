package io.millrace.broker.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever knows another leader epoch than this broker (KIP-320), or asks one that is fenced, is told so and nothing else. */
class LeaderEpochChecksTest {

    /** As {@link TestImage} has it for every partition. */
    private static final int EPOCH = 5;

    private static final int NOT_SAID = -1;

    @TempDir
    Path directory;

    private TestBroker broker;

    @BeforeEach
    void start() {
        broker = new TestBroker(directory);
        follow(false);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void follow(boolean fenced) {
        broker.follow(new TestImage()
                .broker(1, fenced)
                .broker(2, false)
                .topic("led", 1, 1)
                .topic("followed", 1, 2, 1));
    }

    private Errors listOffsets(String topic, int currentLeaderEpoch, long timestamp) {
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(ListOffsetsRequest.CONSUMER_REPLICA_ID)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(0)
                                .setCurrentLeaderEpoch(currentLeaderEpoch)
                                .setTimestamp(timestamp)))));
        return Errors.forCode(broker.ask(ApiKeys.LIST_OFFSETS, 7, request)
                .response(ListOffsetsResponseData.class)
                .topics()
                .getFirst()
                .partitions()
                .getFirst()
                .errorCode());
    }

    private Errors offsetForLeaderEpoch(String topic, int currentLeaderEpoch) {
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics()
                .add(new OffsetForLeaderTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(new OffsetForLeaderPartition()
                                .setPartition(0)
                                .setCurrentLeaderEpoch(currentLeaderEpoch)
                                .setLeaderEpoch(EPOCH))));
        return Errors.forCode(broker.ask(ApiKeys.OFFSET_FOR_LEADER_EPOCH, 4, request)
                .response(OffsetForLeaderEpochResponseData.class)
                .topics()
                .iterator()
                .next()
                .partitions()
                .getFirst()
                .errorCode());
    }

    private Errors fetch(String topic, int currentLeaderEpoch) {
        FetchRequestData request = new FetchRequestData()
                .setMaxBytes(1 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(0)
                                .setCurrentLeaderEpoch(currentLeaderEpoch)
                                .setPartitionMaxBytes(1 << 20)))));
        return Errors.forCode(broker.ask(ApiKeys.FETCH, 12, request)
                .response(FetchResponseData.class)
                .responses()
                .getFirst()
                .partitions()
                .getFirst()
                .errorCode());
    }

    private List<Errors> all(String topic, int epoch) {
        return List.of(
                listOffsets(topic, epoch, ListOffsetsRequest.LATEST_TIMESTAMP),
                listOffsets(topic, epoch, ListOffsetsRequest.EARLIEST_TIMESTAMP),
                listOffsets(topic, epoch, ListOffsetsRequest.MAX_TIMESTAMP),
                listOffsets(topic, epoch, 1_700_000_000_000L),
                offsetForLeaderEpoch(topic, epoch),
                fetch(topic, epoch));
    }

    @Test
    void whoKnowsTheSameEpochOrDoesNotSayIsServed() {
        assertThat(all("led", EPOCH)).containsOnly(Errors.NONE);
        assertThat(all("led", NOT_SAID)).containsOnly(Errors.NONE);
    }

    @Test
    void whoKnowsAnEarlierEpochIsFenced() {
        IntStream.range(0, EPOCH)
                .forEach(earlier -> assertThat(all("led", earlier)).containsOnly(Errors.FENCED_LEADER_EPOCH));
    }

    @Test
    void whoKnowsALaterEpochIsToldThatThisBrokerDoesNot() {
        assertThat(all("led", EPOCH + 1)).containsOnly(Errors.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void aFollowerIsReadButNotAskedWhereTheLogEnds() {
        assertThat(fetch("followed", EPOCH)).isEqualTo(Errors.NONE);
        assertThat(fetch("followed", EPOCH - 1)).isEqualTo(Errors.FENCED_LEADER_EPOCH);
        assertThat(listOffsets("followed", EPOCH, ListOffsetsRequest.LATEST_TIMESTAMP))
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(offsetForLeaderEpoch("followed", EPOCH)).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void aFencedFollowerIsNotRead() {
        follow(true);
        assertThat(fetch("followed", EPOCH)).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    }
}
