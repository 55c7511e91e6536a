package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** The requests of administrators: what this broker knows it answers, what changes the cluster goes to the active controller. */
final class AdminRequests {

    private static final List<ApiKeys> CONTROLLERS = List.of(
            ApiKeys.CREATE_TOPICS,
            ApiKeys.DELETE_TOPICS,
            ApiKeys.CREATE_PARTITIONS,
            ApiKeys.ELECT_LEADERS,
            ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
            ApiKeys.LIST_PARTITION_REASSIGNMENTS,
            ApiKeys.ALTER_CLIENT_QUOTAS,
            ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
            ApiKeys.UPDATE_FEATURES,
            ApiKeys.UNREGISTER_BROKER,
            ApiKeys.CREATE_ACLS,
            ApiKeys.DELETE_ACLS,
            // Only the quorum's leader knows how far the others are; a standby would tell a tool to ask elsewhere.
            ApiKeys.DESCRIBE_QUORUM,
            ApiKeys.ADD_RAFT_VOTER,
            ApiKeys.REMOVE_RAFT_VOTER);

    private final BrokerServices broker;
    private final Cluster cluster;

    AdminRequests(BrokerServices broker) {
        this.broker = broker;
        this.cluster = broker.cluster();
    }

    void addTo(Map<ApiKeys, ApiHandler> table) {
        for (ApiKeys api : CONTROLLERS) {
            table.put(api, ApiHandler.later(request -> cluster.forward(request.client(), request.body())));
        }
        addDescriptions(table);
        addConfigs(table);
        addPartitions(table);
    }

    private void addDescriptions(Map<ApiKeys, ApiHandler> table) {
        DescribeClusterHandler describeCluster = new DescribeClusterHandler(broker);
        DescribeTopicPartitionsHandler describeTopics = new DescribeTopicPartitionsHandler(broker);
        table.put(
                ApiKeys.DESCRIBE_CLUSTER,
                ApiHandler.answering(DescribeClusterRequestData.class, describeCluster::answer));
        table.put(
                ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                ApiHandler.answering(DescribeTopicPartitionsRequestData.class, describeTopics::answer));
        table.put(
                ApiKeys.DESCRIBE_ACLS,
                ApiHandler.answering(DescribeAclsRequestData.class, (client, request) -> withoutAuthorizer()));
        table.put(
                ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                ApiHandler.answering(
                        DescribeClientQuotasRequestData.class,
                        (client, request) -> cluster.image().describeClientQuotas(request)));
        table.put(
                ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
                ApiHandler.answering(
                        DescribeUserScramCredentialsRequestData.class,
                        (client, request) -> cluster.image().describeScramCredentials(request)));
    }

    private static DescribeAclsResponseData withoutAuthorizer() {
        return new DescribeAclsResponseData()
                .setErrorCode(Errors.SECURITY_DISABLED.code())
                .setErrorMessage("No Authorizer is configured on the broker");
    }

    private void addConfigs(Map<ApiKeys, ApiHandler> table) {
        LoggerLevels loggers = new LogbackLevels();
        DescribeConfigsHandler describe = new DescribeConfigsHandler(broker, loggers);
        AlterConfigsHandler alter = new AlterConfigsHandler(broker, loggers);
        ListConfigResourcesHandler list = new ListConfigResourcesHandler(broker);
        table.put(ApiKeys.DESCRIBE_CONFIGS, ApiHandler.answering(DescribeConfigsRequestData.class, describe::answer));
        table.put(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                ApiHandler.later(IncrementalAlterConfigsRequestData.class, alter::incremental));
        table.put(ApiKeys.ALTER_CONFIGS, ApiHandler.later(AlterConfigsRequestData.class, alter::replacing));
        table.put(
                ApiKeys.LIST_CONFIG_RESOURCES,
                ApiHandler.answering(ListConfigResourcesRequestData.class, list::answer));
    }

    private void addPartitions(Map<ApiKeys, ApiHandler> table) {
        DescribeLogDirsHandler logDirs = new DescribeLogDirsHandler(broker);
        DescribeProducersHandler producers = new DescribeProducersHandler(broker);
        OffsetForLeaderEpochHandler epochs = new OffsetForLeaderEpochHandler(broker);
        InitProducerIdHandler producerIds = new InitProducerIdHandler(broker);
        table.put(ApiKeys.DELETE_RECORDS, new DeleteRecordsHandler(broker));
        table.put(ApiKeys.ALTER_REPLICA_LOG_DIRS, new AlterReplicaLogDirsHandler(broker));
        table.put(ApiKeys.DESCRIBE_LOG_DIRS, ApiHandler.answering(DescribeLogDirsRequestData.class, logDirs::answer));
        table.put(
                ApiKeys.DESCRIBE_PRODUCERS,
                ApiHandler.answering(DescribeProducersRequestData.class, producers::answer));
        table.put(
                ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                ApiHandler.answering(OffsetForLeaderEpochRequestData.class, epochs::answer));
        table.put(ApiKeys.INIT_PRODUCER_ID, ApiHandler.later(InitProducerIdRequestData.class, producerIds::answer));
    }
}
