package io.millrace.broker.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients and administrators are told of brokers, topics, offsets and configurations, in every version. */
class DescriptionsTest {

    @TempDir
    Path directory;

    private TestBroker broker;

    @BeforeEach
    void start() {
        broker = new TestBroker(directory);
        broker.follow(new TestImage()
                .broker(1, false)
                .broker(2, false)
                .broker(3, true)
                .topic("here", 3, 1)
                .topic("wide", 2, 2, 3)
                .topic("__consumer_offsets", 5, 1)
                .config(ConfigResource.Type.TOPIC, "here", "retention.ms", "1000")
                .config(ConfigResource.Type.BROKER, "", "log.retention.ms", "2000"));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void produce(int partition, String... values) {
        ProduceRequestData request = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1_000);
        request.topicData()
                .add(new TopicProduceData()
                        .setName("here")
                        .setPartitionData(List.of(new PartitionProduceData()
                                .setIndex(partition)
                                .setRecords(TestBroker.records(values)))));
        assertThat(broker.ask(ApiKeys.PRODUCE, 9, request).answered()).isTrue();
    }

    private MetadataResponseData metadata(int version, MetadataRequestTopic... topics) {
        MetadataRequestData request = new MetadataRequestData().setTopics(List.of(topics));
        return broker.ask(ApiKeys.METADATA, version, request).response(MetadataResponseData.class);
    }

    private static MetadataRequestTopic named(String name) {
        return new MetadataRequestTopic().setName(name);
    }

    @Test
    void metadataOfEveryVersionNamesLiveBrokersByTheListenersAddress() {
        for (int version = 0; version <= 13; version++) {
            MetadataResponseData response = metadata(version, named("here"), named("wide"));
            assertThat(response.brokers().stream().map(node -> node.host() + node.nodeId()))
                    .containsExactly("client-11", "client-22");
            MetadataResponseTopic wide = response.topics().find("wide");
            assertThat(wide.partitions())
                    .hasSize(2)
                    .allSatisfy(partition -> assertThat(partition.leaderId()).isEqualTo(2));
            assertThat(wide.partitions().getFirst().errorCode())
                    .isEqualTo((version == 0 ? Errors.REPLICA_NOT_AVAILABLE : Errors.NONE).code());
            if (version >= 5) {
                assertThat(wide.partitions().getFirst().offlineReplicas()).containsExactly(3);
            }
            assertThat(response.topics().find("here").partitions()).hasSize(3);
        }
    }

    @Test
    void allTopicsAreAnEmptyListInVersion0AndNullLater() {
        assertThat(metadata(0).topics()).hasSize(3);
        assertThat(metadata(1).topics()).isEmpty();
        Asked all = broker.ask(ApiKeys.METADATA, 12, new MetadataRequestData().setTopics(null));
        assertThat(all.response(MetadataResponseData.class).topics()).hasSize(3);
        assertThat(all.response(MetadataResponseData.class)
                        .topics()
                        .find("__consumer_offsets")
                        .isInternal())
                .isTrue();
    }

    @Test
    void topicsAreFoundByIdAndUnknownOnesSaySo() {
        Uuid id = broker.cluster.image.topic("here").id();
        MetadataResponseData response = metadata(
                12,
                new MetadataRequestTopic().setName(null).setTopicId(id),
                new MetadataRequestTopic().setName(null).setTopicId(new Uuid(1, 2)));
        assertThat(response.topics().find("here").partitions()).hasSize(3);
        assertThat(response.topics().stream().map(MetadataResponseTopic::errorCode))
                .contains(Errors.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void aMissingTopicIsCreatedOnceWhereTheClientAllowsIt() {
        assertThat(metadata(9, named("new")).topics().find("new").errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        metadata(9, named("new"));
        assertThat(broker.cluster.forwarded).hasSize(1);
        assertThat(((CreateTopicsRequestData) broker.cluster.forwarded.getFirst())
                        .topics()
                        .find("new"))
                .isNotNull();
        assertThat(metadata(9, named("not/valid")).topics().find("not/valid").errorCode())
                .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
        broker.ask(
                ApiKeys.METADATA,
                9,
                new MetadataRequestData().setTopics(List.of(named("other"))).setAllowAutoTopicCreation(false));
        assertThat(broker.cluster.forwarded).hasSize(1);
    }

    @Test
    void theCoordinatorIsTheLeaderOfTheGroupsPartition() {
        for (int version = 0; version <= 6; version++) {
            FindCoordinatorRequestData request = new FindCoordinatorRequestData();
            if (version < 4) {
                request.setKey("group");
            } else {
                request.setCoordinatorKeys(List.of("group"));
            }
            FindCoordinatorResponseData response =
                    broker.ask(ApiKeys.FIND_COORDINATOR, version, request).response(FindCoordinatorResponseData.class);
            String host = version < 4
                    ? response.host()
                    : response.coordinators().getFirst().host();
            assertThat(host).isEqualTo("client-1");
        }
    }

    @Test
    void aMissingInternalTopicIsCreatedCompactedAndTheCoordinatorIsNotAvailableMeanwhile() {
        FindCoordinatorRequestData request =
                new FindCoordinatorRequestData().setKeyType((byte) 1).setCoordinatorKeys(List.of("tx"));
        FindCoordinatorResponseData response =
                broker.ask(ApiKeys.FIND_COORDINATOR, 4, request).response(FindCoordinatorResponseData.class);
        assertThat(response.coordinators().getFirst().errorCode()).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());
        var created = ((CreateTopicsRequestData) broker.cluster.forwarded.getFirst())
                .topics()
                .find("__transaction_state");
        assertThat(created.numPartitions()).isEqualTo(5);
        assertThat(created.configs().find("cleanup.policy").value()).isEqualTo("compact");
    }

    private ListOffsetsPartitionResponse offset(int version, long timestamp) {
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName("here")
                        .setPartitions(List.of(
                                new ListOffsetsPartition().setPartitionIndex(0).setTimestamp(timestamp)))));
        return broker.ask(ApiKeys.LIST_OFFSETS, version, request)
                .response(ListOffsetsResponseData.class)
                .topics()
                .getFirst()
                .partitions()
                .getFirst();
    }

    @Test
    void offsetsAreListedForEverySpecialTimestampFromTheVersionThatHasIt() {
        produce(0, "a", "b", "c");
        for (int version = 1; version <= 11; version++) {
            assertThat(offset(version, -1).offset()).isEqualTo(3);
            assertThat(offset(version, -2).offset()).isZero();
            assertThat(offset(version, 1_700_000_000_001L).offset()).isEqualTo(1);
            assertThat(offset(version, 1_800_000_000_000L).offset()).isEqualTo(-1);
            assertThat(offset(version, -3).offset()).isEqualTo(version >= 7 ? 2 : -1);
            assertThat(offset(version, -3).errorCode())
                    .isEqualTo((version >= 7 ? Errors.NONE : Errors.UNSUPPORTED_VERSION).code());
            assertThat(offset(version, -4).errorCode())
                    .isEqualTo((version >= 8 ? Errors.NONE : Errors.UNSUPPORTED_VERSION).code());
            assertThat(offset(version, -5).errorCode())
                    .isEqualTo((version >= 9 ? Errors.NONE : Errors.UNSUPPORTED_VERSION).code());
            assertThat(offset(version, -6).errorCode())
                    .isEqualTo((version >= 11 ? Errors.NONE : Errors.UNSUPPORTED_VERSION).code());
            assertThat(offset(version, -7).errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        }
        assertThat(offset(4, -1).leaderEpoch()).isEqualTo(5);
    }

    private DeleteRecordsResponseData.DeleteRecordsPartitionResult deleteBefore(String topic, long offset) {
        DeleteRecordsRequestData request = new DeleteRecordsRequestData()
                .setTimeoutMs(1_000)
                .setTopics(List.of(new DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsPartition()
                                .setPartitionIndex(0)
                                .setOffset(offset)))));
        return broker.ask(ApiKeys.DELETE_RECORDS, 2, request)
                .response(DeleteRecordsResponseData.class)
                .topics()
                .iterator()
                .next()
                .partitions()
                .iterator()
                .next();
    }

    @Test
    void recordsAreDeletedUpToTheHighWatermark() {
        produce(0, "a", "b", "c");
        assertThat(deleteBefore("here", 2).lowWatermark()).isEqualTo(2);
        assertThat(offset(5, -2).offset()).isEqualTo(2);
        assertThat(deleteBefore("here", 4).errorCode()).isEqualTo(Errors.OFFSET_OUT_OF_RANGE.code());
        assertThat(deleteBefore("here", -1).lowWatermark()).isEqualTo(3);
        assertThat(deleteBefore("wide", 1).errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
    }

    @Test
    void topicPartitionsComeInPagesThatTheCursorContinues() {
        DescribeTopicPartitionsRequestData request =
                new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(4);
        int pages = 0;
        int partitions = 0;
        DescribeTopicPartitionsResponseData page;
        do {
            page = broker.ask(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, 0, request)
                    .response(DescribeTopicPartitionsResponseData.class);
            partitions += page.topics().stream()
                    .mapToInt(topic -> topic.partitions().size())
                    .sum();
            pages++;
            if (page.nextCursor() != null) {
                request.setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                        .setTopicName(page.nextCursor().topicName())
                        .setPartitionIndex(page.nextCursor().partitionIndex()));
            }
        } while (page.nextCursor() != null);
        assertThat(pages).isEqualTo(3);
        assertThat(partitions).isEqualTo(10);
    }

    @Test
    void fencedBrokersAreDescribedToThoseWhoAsk() {
        for (int version = 0; version <= 2; version++) {
            DescribeClusterRequestData request = new DescribeClusterRequestData().setIncludeFencedBrokers(version == 2);
            DescribeClusterResponseData response =
                    broker.ask(ApiKeys.DESCRIBE_CLUSTER, version, request).response(DescribeClusterResponseData.class);
            assertThat(response.brokers()).hasSize(version == 2 ? 3 : 2);
        }
        Asked controllers =
                broker.ask(ApiKeys.DESCRIBE_CLUSTER, 1, new DescribeClusterRequestData().setEndpointType((byte) 2));
        assertThat(controllers.response(DescribeClusterResponseData.class).errorCode())
                .isEqualTo(Errors.MISMATCHED_ENDPOINT_TYPE.code());
    }

    private DescribeConfigsResult configs(int version, ConfigResource.Type type, String name) {
        DescribeConfigsRequestData request = new DescribeConfigsRequestData()
                .setIncludeSynonyms(true)
                .setIncludeDocumentation(version >= 3)
                .setResources(List.of(new DescribeConfigsResource()
                        .setResourceType(type.id())
                        .setResourceName(name)
                        .setConfigurationKeys(null)));
        return broker.ask(ApiKeys.DESCRIBE_CONFIGS, version, request)
                .response(DescribeConfigsResponseData.class)
                .results()
                .getFirst();
    }

    @Test
    void aTopicsConfigurationSaysWhereEachValueComesFrom() {
        for (int version = 1; version <= 4; version++) {
            DescribeConfigsResult result = configs(version, ConfigResource.Type.TOPIC, "here");
            var retention = result.configs().stream()
                    .filter(config -> config.name().equals("retention.ms"))
                    .findFirst()
                    .orElseThrow();
            assertThat(retention.value()).isEqualTo("1000");
            assertThat(retention.configSource()).isEqualTo(ConfigSource.TOPIC_CONFIG.id());
            assertThat(retention.synonyms().stream().map(synonym -> synonym.name() + "=" + synonym.value()))
                    .startsWith("retention.ms=1000", "log.retention.ms=2000");
        }
        var inherited = configs(4, ConfigResource.Type.TOPIC, "wide").configs().stream()
                .filter(config -> config.name().equals("retention.ms"))
                .findFirst()
                .orElseThrow();
        assertThat(inherited.value()).isEqualTo("2000");
        assertThat(inherited.configSource()).isEqualTo(ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.id());
        assertThat(configs(4, ConfigResource.Type.TOPIC, "nowhere").errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(configs(4, ConfigResource.Type.BROKER, "2").errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(configs(4, ConfigResource.Type.BROKER_LOGGER, "1").configs()).isNotEmpty();
    }

    @Test
    void logDirectoriesNameTheirPartitionsAndSizes() {
        produce(1, "a");
        for (int version = 1; version <= 5; version++) {
            DescribeLogDirsResponseData response = broker.ask(
                            ApiKeys.DESCRIBE_LOG_DIRS, version, new DescribeLogDirsRequestData().setTopics(null))
                    .response(DescribeLogDirsResponseData.class);
            assertThat(response.results()).hasSize(1);
            assertThat(response.results().getFirst().topics().stream()
                            .flatMap(topic -> topic.partitions().stream())
                            .mapToLong(partition -> partition.partitionSize())
                            .sum())
                    .isPositive();
        }
    }

    @Test
    void producerIdsAreHandedOutOnceAcrossBlocks() {
        for (int i = 0; i < 25; i++) {
            InitProducerIdResponseData response = broker.ask(
                            ApiKeys.INIT_PRODUCER_ID, i % 6, new InitProducerIdRequestData().setTransactionalId(null))
                    .response(InitProducerIdResponseData.class);
            assertThat(response.errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(response.producerId()).isEqualTo(1_000 + i);
        }
    }
}
