package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.controller.QuorumController;

/** Creating topics and partitions, electing leaders, moving replicas. */
final class TopicApis {

    private static final String DUPLICATE_NAME = "Duplicate topic name.";

    private final QuorumController controller;

    TopicApis(QuorumController controller) {
        this.controller = controller;
    }

    void register(ControllerApis apis) {
        apis.serve(ApiKeys.CREATE_TOPICS, this::createTopics);
        apis.serve(ApiKeys.CREATE_PARTITIONS, this::createPartitions);
        apis.serve(ApiKeys.ELECT_LEADERS, call -> {
            ElectLeadersRequestData request = (ElectLeadersRequestData) call.request();
            return controller.electLeaders(call.context(request.timeoutMs()), request);
        });
        apis.serve(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, call -> {
            AlterPartitionReassignmentsRequestData request = (AlterPartitionReassignmentsRequestData) call.request();
            return controller.alterPartitionReassignments(call.context(request.timeoutMs()), request);
        });
        apis.serve(
                ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                call -> controller.listPartitionReassignments(
                        call.context(), (ListPartitionReassignmentsRequestData) call.request()));
    }

    private CompletableFuture<CreateTopicsResponseData> createTopics(ControllerCall call) {
        CreateTopicsRequestData request = (CreateTopicsRequestData) call.request();
        Set<String> names = new LinkedHashSet<>();
        Set<String> duplicates = new LinkedHashSet<>();
        request.topics().forEach(topic -> {
            if (!names.add(topic.name())) {
                duplicates.add(topic.name());
            }
        });
        CreateTopicsRequestData accepted = request.duplicate();
        accepted.topics()
                .removeIf(topic ->
                        duplicates.contains(topic.name()) || topic.name().equals(Topic.CLUSTER_METADATA_TOPIC_NAME));
        Set<String> describable = new HashSet<>(names);
        describable.remove(Topic.CLUSTER_METADATA_TOPIC_NAME);
        return controller
                .createTopics(call.context(request.timeoutMs()), accepted, describable, call.forwarded())
                .thenApply(response -> {
                    duplicates.forEach(name -> response.topics()
                            .add(new CreatableTopicResult()
                                    .setName(name)
                                    .setErrorCode(Errors.INVALID_REQUEST.code())
                                    .setErrorMessage(DUPLICATE_NAME)));
                    if (names.contains(Topic.CLUSTER_METADATA_TOPIC_NAME)
                            && !duplicates.contains(Topic.CLUSTER_METADATA_TOPIC_NAME)) {
                        response.topics()
                                .add(new CreatableTopicResult()
                                        .setName(Topic.CLUSTER_METADATA_TOPIC_NAME)
                                        .setErrorCode(Errors.INVALID_REQUEST.code())
                                        .setErrorMessage("Creation of internal topic "
                                                + Topic.CLUSTER_METADATA_TOPIC_NAME + " is prohibited."));
                    }
                    return response;
                });
    }

    private CompletableFuture<CreatePartitionsResponseData> createPartitions(ControllerCall call) {
        CreatePartitionsRequestData request = (CreatePartitionsRequestData) call.request();
        Set<String> names = new HashSet<>();
        Set<String> duplicates = new LinkedHashSet<>();
        request.topics().forEach(topic -> {
            if (!names.add(topic.name())) {
                duplicates.add(topic.name());
            }
        });
        List<CreatePartitionsTopic> accepted = new ArrayList<>();
        request.topics().forEach(topic -> {
            if (!duplicates.contains(topic.name())) {
                accepted.add(topic);
            }
        });
        List<CreatePartitionsTopicResult> results = new ArrayList<>();
        duplicates.forEach(name -> results.add(new CreatePartitionsTopicResult()
                .setName(name)
                .setErrorCode(Errors.INVALID_REQUEST.code())
                .setErrorMessage(DUPLICATE_NAME)));
        return controller
                .createPartitions(call.context(request.timeoutMs()), accepted, request.validateOnly())
                .thenApply(created -> {
                    results.addAll(created);
                    return new CreatePartitionsResponseData().setResults(results);
                });
    }
}
