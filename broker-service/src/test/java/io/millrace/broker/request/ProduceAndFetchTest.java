package io.millrace.broker.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What producers and consumers get, in every version, from a broker with real logs. */
class ProduceAndFetchTest {

    @TempDir
    Path directory;

    private TestBroker broker;

    @BeforeEach
    void start() {
        broker = new TestBroker(directory);
        broker.follow(new TestImage()
                .broker(1, false)
                .broker(2, false)
                .topic("here", 3, 1)
                .topic("elsewhere", 1, 2)
                .topic("replicated", 1, 1, 2));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private Uuid id(String topic) {
        var known = broker.cluster.image.topic(topic);
        return known == null ? new Uuid(9, 9) : known.id();
    }

    private Asked produce(int version, int acks, String topic, int partition, String... values) {
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) acks).setTimeoutMs(1_000);
        request.topicData()
                .add(new TopicProduceData()
                        .setName(topic)
                        .setTopicId(id(topic))
                        .setPartitionData(List.of(new PartitionProduceData()
                                .setIndex(partition)
                                .setRecords(TestBroker.records(values)))));
        return broker.ask(ApiKeys.PRODUCE, version, request);
    }

    private static PartitionProduceResponse only(Asked produced) {
        return produced.response(ProduceResponseData.class)
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .getFirst();
    }

    private FetchRequestData fetchRequest(int maxWaitMs, int minBytes, String topic, int partition, long offset) {
        return new FetchRequestData()
                .setMaxWaitMs(maxWaitMs)
                .setMinBytes(minBytes)
                .setMaxBytes(1 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchTopic()
                        .setTopic(topic)
                        .setTopicId(id(topic))
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(partition)
                                .setFetchOffset(offset)
                                .setPartitionMaxBytes(1 << 20)))));
    }

    private static FetchResponseData.PartitionData onlyFetched(Asked fetched) {
        return fetched.response(FetchResponseData.class)
                .responses()
                .getFirst()
                .partitions()
                .getFirst();
    }

    private static List<String> values(FetchResponseData.PartitionData partition) {
        List<String> values = new ArrayList<>();
        for (Record record : ((MemoryRecords) partition.records()).records()) {
            values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
        }
        return values;
    }

    @Test
    void recordsComeBackInEveryVersion() {
        long offset = 0;
        for (int version = 3; version <= 13; version++) {
            PartitionProduceResponse produced =
                    only(produce(version, version % 2 == 0 ? 1 : -1, "here", 0, "v" + version));
            assertThat(produced.errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(produced.baseOffset()).isEqualTo(offset++);
        }
        for (int version = 4; version <= 18; version++) {
            Asked fetched = broker.ask(ApiKeys.FETCH, version, fetchRequest(0, 1, "here", 0, 2));
            assertThat(onlyFetched(fetched).highWatermark()).isEqualTo(offset);
            assertThat(values(onlyFetched(fetched))).startsWith("v5").endsWith("v13");
        }
    }

    @Test
    void acksThatDoNotExistAreRefusedAndNothingIsAppended() {
        assertThat(only(produce(9, 2, "here", 0, "a")).errorCode()).isEqualTo(Errors.INVALID_REQUIRED_ACKS.code());
        assertThat(broker.partitions.find("here", 0).snapshot().logEndOffset()).isZero();
    }

    @Test
    void produceWithoutAcksIsAnsweredByNothingOrByClosing() {
        assertThat(produce(9, 0, "here", 0, "a").answeredNothing()).isTrue();
        assertThat(produce(9, 0, "nowhere", 0, "a").closed())
                .contains("nowhere-0")
                .contains("UNKNOWN_TOPIC");
    }

    @Test
    void unknownTopicsAndIdsAreToldApart() {
        assertThat(only(produce(12, 1, "nowhere", 0, "a")).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(only(produce(13, 1, "nowhere", 0, "a")).errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
        assertThat(only(produce(13, 1, "here", 7, "a")).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 12, fetchRequest(0, 1, "nowhere", 0, 0)))
                        .errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 13, fetchRequest(0, 1, "nowhere", 0, 0)))
                        .errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void theWrongBrokerNamesTheLeaderAndItsAddressOnThisListener() {
        Asked produced = produce(10, 1, "elsewhere", 0, "a");
        assertThat(only(produced).errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(only(produced).currentLeader().leaderId()).isEqualTo(2);
        assertThat(only(produced).currentLeader().leaderEpoch()).isEqualTo(5);
        assertThat(produced.response(ProduceResponseData.class)
                        .nodeEndpoints()
                        .find(2)
                        .host())
                .isEqualTo("client-2");
        Asked fetched = broker.ask(ApiKeys.FETCH, 16, fetchRequest(500, 1, "elsewhere", 0, 0));
        assertThat(onlyFetched(fetched).errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(fetched.response(FetchResponseData.class)
                        .nodeEndpoints()
                        .find(2)
                        .host())
                .isEqualTo("client-2");
        // Before version 10 there is no room for it.
        assertThat(only(produce(9, 1, "elsewhere", 0, "a")).errorCode())
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
    }

    @Test
    void aLongPollIsAnsweredByTheNextRecordAndLeavesNothingBehind() {
        long timers = broker.loop.pendingTimers();
        Asked poll = broker.ask(ApiKeys.FETCH, 17, fetchRequest(500, 1, "here", 0, 0));
        assertThat(poll.answered()).isFalse();
        produce(9, 1, "here", 0, "now");
        assertThat(values(onlyFetched(poll))).containsExactly("now");
        broker.loop.pass(520);
        assertThat(broker.loop.pendingTimers()).isEqualTo(timers);
    }

    @Test
    void aLongPollWithTooFewBytesEndsWithItsTime() {
        Asked poll = broker.ask(ApiKeys.FETCH, 17, fetchRequest(500, 10_000, "here", 0, 0));
        produce(9, 1, "here", 0, "little");
        assertThat(poll.answered()).isFalse();
        broker.loop.pass(436);
        assertThat(poll.answered()).isFalse();
        broker.loop.pass(64);
        assertThat(values(onlyFetched(poll))).containsExactly("little");
    }

    @Test
    void offsetsOutsideTheLogAreOutOfRange() {
        produce(9, 1, "here", 0, "a");
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 17, fetchRequest(500, 1, "here", 0, 2)))
                        .errorCode())
                .isEqualTo(Errors.OFFSET_OUT_OF_RANGE.code());
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 17, fetchRequest(500, 1, "here", 0, -5)))
                        .errorCode())
                .isEqualTo(Errors.OFFSET_OUT_OF_RANGE.code());
    }

    @Test
    void staleAndFutureLeaderEpochsAreRefused() {
        FetchRequestData stale = fetchRequest(500, 1, "here", 0, 0);
        stale.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(4);
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 12, stale)).errorCode())
                .isEqualTo(Errors.FENCED_LEADER_EPOCH.code());
        FetchRequestData future = fetchRequest(500, 1, "here", 0, 0);
        future.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(6);
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 12, future)).errorCode())
                .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH.code());
    }

    @Test
    void acksAllWaitsForTheFollowersFetchAndConsumersSeeNothingBefore() {
        Asked produced = produce(9, -1, "replicated", 0, "a");
        assertThat(produced.answered()).isFalse();
        Asked consumer = broker.ask(ApiKeys.FETCH, 17, fetchRequest(10_000, 1, "replicated", 0, 0));
        assertThat(consumer.answered()).isFalse();

        FetchRequestData follower = fetchRequest(0, 1, "replicated", 0, 0);
        follower.replicaState().setReplicaId(2).setReplicaEpoch(102);
        follower.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(5);
        assertThat(values(onlyFetched(broker.ask(ApiKeys.FETCH, 17, follower)))).containsExactly("a");
        assertThat(produced.answered()).isFalse();

        follower.topics().getFirst().partitions().getFirst().setFetchOffset(1);
        broker.ask(ApiKeys.FETCH, 17, follower);
        assertThat(only(produced).errorCode()).isEqualTo(Errors.NONE.code());
        assertThat(values(onlyFetched(consumer))).containsExactly("a");
    }

    @Test
    void aFollowerThatWaitsIsToldAtOnceWhereTheLogBegins() {
        produce(9, 1, "replicated", 0, "a", "b");
        FetchRequestData follower = fetchRequest(500, 1, "replicated", 0, 2);
        follower.replicaState().setReplicaId(2).setReplicaEpoch(102);
        follower.topics()
                .getFirst()
                .partitions()
                .getFirst()
                .setCurrentLeaderEpoch(5)
                .setLogStartOffset(0);
        Asked waiting = broker.ask(ApiKeys.FETCH, 17, follower);
        assertThat(waiting.answered()).isFalse();

        broker.ask(
                ApiKeys.DELETE_RECORDS,
                2,
                new DeleteRecordsRequestData()
                        .setTimeoutMs(1_000)
                        .setTopics(List.of(new DeleteRecordsTopic()
                                .setName("replicated")
                                .setPartitions(List.of(new DeleteRecordsPartition()
                                        .setPartitionIndex(0)
                                        .setOffset(1))))));

        assertThat(onlyFetched(waiting).logStartOffset()).isEqualTo(1);
    }

    @Test
    void acksAllTimesOutWithoutTheFollower() {
        Asked produced = produce(9, -1, "replicated", 0, "a");
        broker.loop.pass(1_002);
        assertThat(only(produced).errorCode()).isEqualTo(Errors.REQUEST_TIMED_OUT.code());
    }

    @Test
    void anIncrementalFetchMentionsOnlyWhatChanged() {
        FetchRequestData full = fetchRequest(0, 1, "here", 0, 0).setSessionEpoch(0);
        full.topics().getFirst().setPartitions(List.of(partition(0), partition(1), partition(2)));
        FetchResponseData first = broker.ask(ApiKeys.FETCH, 17, full).response(FetchResponseData.class);
        assertThat(first.sessionId()).isPositive();
        assertThat(first.responses().getFirst().partitions()).hasSize(3);

        FetchRequestData next = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionId(first.sessionId())
                .setSessionEpoch(1);
        assertThat(broker.ask(ApiKeys.FETCH, 17, next)
                        .response(FetchResponseData.class)
                        .responses())
                .isEmpty();
        produce(9, 1, "here", 1, "news");
        FetchResponseData third =
                broker.ask(ApiKeys.FETCH, 17, next.setSessionEpoch(2)).response(FetchResponseData.class);
        assertThat(third.responses().getFirst().partitions()).hasSize(1);
        assertThat(values(third.responses().getFirst().partitions().getFirst())).containsExactly("news");
        // The same epoch again is a duplicate or a loss, and neither can be repaired.
        assertThat(broker.ask(ApiKeys.FETCH, 17, next)
                        .response(FetchResponseData.class)
                        .errorCode())
                .isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH.code());
        assertThat(broker.ask(ApiKeys.FETCH, 17, next.setSessionId(1))
                        .response(FetchResponseData.class)
                        .errorCode())
                .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND.code());
    }

    @Test
    void whoReadsInAnotherEpochIsToldEverythingAgain() {
        produce(9, 1, "here", 0, "a");
        FetchRequestData full = fetchRequest(0, 1, "here", 0, 1).setSessionEpoch(0);
        FetchResponseData first = broker.ask(ApiKeys.FETCH, 17, full).response(FetchResponseData.class);
        assertThat(first.responses().getFirst().partitions().getFirst().highWatermark())
                .isEqualTo(1);

        FetchRequestData other =
                fetchRequest(0, 1, "here", 0, 1).setSessionId(first.sessionId()).setSessionEpoch(1);
        other.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(5);
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 17, other)).highWatermark())
                .isEqualTo(1);
    }

    @Test
    void whoIsToTruncateIsToldTheHighWatermarkAfterwards() {
        produce(9, 1, "here", 0, "a");
        FetchRequestData ahead = fetchRequest(0, 1, "here", 0, 2).setSessionEpoch(0);
        ahead.topics().getFirst().partitions().getFirst().setLastFetchedEpoch(5);
        FetchResponseData first = broker.ask(ApiKeys.FETCH, 17, ahead).response(FetchResponseData.class);
        assertThat(first.responses()
                        .getFirst()
                        .partitions()
                        .getFirst()
                        .divergingEpoch()
                        .endOffset())
                .isEqualTo(1);

        FetchRequestData truncated =
                fetchRequest(0, 1, "here", 0, 1).setSessionId(first.sessionId()).setSessionEpoch(1);
        truncated.topics().getFirst().partitions().getFirst().setLastFetchedEpoch(5);
        assertThat(onlyFetched(broker.ask(ApiKeys.FETCH, 17, truncated)).highWatermark())
                .isEqualTo(1);
    }

    private static FetchPartition partition(int number) {
        return new FetchPartition().setPartition(number).setPartitionMaxBytes(1 << 20);
    }

    @Test
    void oneBatchComesEvenIfItIsLargerThanTheLimit() {
        produce(9, 1, "here", 0, "x".repeat(5_000));
        FetchRequestData request = fetchRequest(0, 1, "here", 0, 0).setMaxBytes(10);
        request.topics().getFirst().partitions().getFirst().setPartitionMaxBytes(10);
        assertThat(values(onlyFetched(broker.ask(ApiKeys.FETCH, 17, request)))).hasSize(1);
    }

    @Test
    void aConsumerThatIsBehindIsServedAfterAWorkerHasReadAheadAndOneAtTheEndAtOnce() {
        for (int i = 0; i < 5; i++) {
            produce(13, -1, "here", 0, "value " + i);
        }
        broker.close();
        broker = new TestBroker(directory);
        broker.follow(new TestImage().broker(1, false).topic("here", 3, 1));

        int before = broker.loop.submitted();
        assertThat(values(onlyFetched(broker.ask(ApiKeys.FETCH, 13, fetchRequest(0, 1, "here", 0, 1)))))
                .hasSize(4);
        assertThat(broker.loop.submitted()).isEqualTo(before + 1);

        broker.ask(ApiKeys.FETCH, 13, fetchRequest(0, 1, "here", 0, 2));
        broker.ask(ApiKeys.FETCH, 13, fetchRequest(0, 1, "here", 0, 5));
        assertThat(broker.loop.submitted()).isEqualTo(before + 1);
    }
}
