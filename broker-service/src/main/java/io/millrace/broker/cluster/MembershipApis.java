package io.millrace.broker.cluster;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.AlterPartitionRequestData;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatResponseData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.message.ControllerRegistrationRequestData;
import org.apache.kafka.common.message.ControllerRegistrationResponseData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.controller.QuorumController;

/** What brokers and other controllers ask of the controller on their own account. */
final class MembershipApis {

    private final QuorumController controller;
    private final ClusterSettings settings;
    private final BrokerConnections connections;

    MembershipApis(QuorumController controller, ClusterSettings settings, BrokerConnections connections) {
        this.controller = controller;
        this.settings = settings;
        this.connections = connections;
    }

    void register(ControllerApis apis) {
        apis.serve(ApiKeys.BROKER_REGISTRATION, this::registerBroker);
        apis.serve(ApiKeys.BROKER_HEARTBEAT, this::heartbeat);
        apis.serve(
                ApiKeys.UNREGISTER_BROKER,
                call -> controller
                        .unregisterBroker(call.context(), ((UnregisterBrokerRequestData) call.request()).brokerId())
                        .thenApply(done -> new UnregisterBrokerResponseData()));
        apis.serve(
                ApiKeys.CONTROLLER_REGISTRATION,
                call -> controller
                        .registerController(
                                call.context(settings.requestTimeoutMs()),
                                (ControllerRegistrationRequestData) call.request())
                        .thenApply(done -> new ControllerRegistrationResponseData()));
        apis.serve(
                ApiKeys.ALTER_PARTITION,
                call -> controller.alterPartition(call.context(), (AlterPartitionRequestData) call.request()));
        apis.serve(
                ApiKeys.ALLOCATE_PRODUCER_IDS,
                call -> controller.allocateProducerIds(
                        call.context(), (AllocateProducerIdsRequestData) call.request()));
        apis.serve(
                ApiKeys.ASSIGN_REPLICAS_TO_DIRS,
                call -> controller.assignReplicasToDirs(
                        call.context(), (AssignReplicasToDirsRequestData) call.request()));
    }

    private CompletableFuture<BrokerRegistrationResponseData> registerBroker(ControllerCall call) {
        BrokerRegistrationRequestData request = (BrokerRegistrationRequestData) call.request();
        connections.beforeRegistration(call.connectionId(), request);
        return controller
                .registerBroker(call.context(settings.requestTimeoutMs()), request)
                .thenApply(reply -> {
                    connections.heardOf(call.connectionId(), request.brokerId(), reply.epoch());
                    return new BrokerRegistrationResponseData().setBrokerEpoch(reply.epoch());
                });
    }

    private CompletableFuture<BrokerHeartbeatResponseData> heartbeat(ControllerCall call) {
        BrokerHeartbeatRequestData request = (BrokerHeartbeatRequestData) call.request();
        connections.heardOf(call.connectionId(), request.brokerId(), request.brokerEpoch());
        int timeoutMs = Math.max(1, settings.sessionTimeoutMs() / 2);
        return controller
                .processBrokerHeartbeat(call.context(timeoutMs), request)
                .thenApply(reply -> new BrokerHeartbeatResponseData()
                        .setIsCaughtUp(reply.isCaughtUp())
                        .setIsFenced(reply.isFenced())
                        .setShouldShutDown(reply.shouldShutDown()));
    }
}
