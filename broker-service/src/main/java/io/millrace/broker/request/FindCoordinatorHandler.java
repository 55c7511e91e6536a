package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.protocol.ClientContext;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.utils.Utils;

/**
 * FindCoordinator, versions 0 to 6: the leader of the internal topic's partition that holds a group or transactional id. Has the topic
 * created when it is first needed.
 */
final class FindCoordinatorHandler {

    private final BrokerServices broker;
    private final TopicCreation creation;

    FindCoordinatorHandler(BrokerServices broker, TopicCreation creation) {
        this.broker = broker;
        this.creation = creation;
    }

    ApiMessage answer(ClientContext client, FindCoordinatorRequestData request) {
        FindCoordinatorResponseData response = new FindCoordinatorResponseData();
        if (client.apiVersion() < FindCoordinatorRequest.MIN_BATCHED_VERSION) {
            Coordinator found = find(client, request.keyType(), request.key());
            return response.setErrorCode(found.errorCode())
                    .setErrorMessage(found.errorMessage())
                    .setNodeId(found.nodeId())
                    .setHost(found.host())
                    .setPort(found.port());
        }
        for (String key : request.coordinatorKeys()) {
            response.coordinators().add(find(client, request.keyType(), key));
        }
        return response;
    }

    private Coordinator find(ClientContext client, byte keyType, String key) {
        CoordinatorType type = type(client, keyType);
        ClusterImage image = broker.cluster().image();
        String topicName = switch (type) {
            case GROUP -> org.apache.kafka.common.internals.Topic.GROUP_METADATA_TOPIC_NAME;
            case TRANSACTION -> org.apache.kafka.common.internals.Topic.TRANSACTION_STATE_TOPIC_NAME;
            case SHARE -> throw new InvalidRequestException("share groups are not served by this broker");
        };
        Topic topic = image.topic(topicName);
        if (topic == null) {
            creation.create(client, topicName);
            return unavailable(key);
        }
        int number = type == CoordinatorType.GROUP
                ? broker.groups().partitionFor(key)
                : Utils.abs(key.hashCode()) % topic.partitionCount();
        PartitionRegistration partition = topic.partition(number);
        Node node = partition == null ? null : new LiveNodes(image, client.listener()).find(partition.leader());
        if (node == null) {
            return unavailable(key);
        }
        return new Coordinator()
                .setKey(key)
                .setErrorCode(Errors.NONE.code())
                .setErrorMessage(Errors.NONE.message())
                .setNodeId(node.id())
                .setHost(node.host())
                .setPort(node.port());
    }

    private static CoordinatorType type(ClientContext client, byte keyType) {
        for (CoordinatorType type : CoordinatorType.values()) {
            if (type.id() == keyType) {
                if (type == CoordinatorType.SHARE && client.apiVersion() < 6) {
                    throw new UnsupportedVersionException(
                            "coordinators of share groups can be asked for from version 6 on");
                }
                return type;
            }
        }
        throw new InvalidRequestException("unknown coordinator type " + keyType);
    }

    private static Coordinator unavailable(String key) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(Errors.COORDINATOR_NOT_AVAILABLE.code())
                .setErrorMessage(Errors.COORDINATOR_NOT_AVAILABLE.message())
                .setNodeId(-1)
                .setHost("")
                .setPort(-1);
    }
}
