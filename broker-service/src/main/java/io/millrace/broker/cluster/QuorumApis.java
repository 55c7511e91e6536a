package io.millrace.broker.cluster;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchSnapshotResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.TransferableRecords;
import org.jspecify.annotations.Nullable;

/** The quorum's own APIs, all answered by the raft client. */
final class QuorumApis {

    private static final List<ApiKeys> APIS = List.of(
            ApiKeys.VOTE,
            ApiKeys.BEGIN_QUORUM_EPOCH,
            ApiKeys.END_QUORUM_EPOCH,
            ApiKeys.FETCH,
            ApiKeys.FETCH_SNAPSHOT,
            ApiKeys.DESCRIBE_QUORUM,
            ApiKeys.ADD_RAFT_VOTER,
            ApiKeys.REMOVE_RAFT_VOTER,
            ApiKeys.UPDATE_RAFT_VOTER);

    private final QuorumEngine engine;

    QuorumApis(QuorumEngine engine) {
        this.engine = engine;
    }

    void register(ControllerApis apis) {
        APIS.forEach(api -> apis.serve(api, this::answer));
    }

    private CompletableFuture<ApiMessage> answer(ControllerCall call) {
        return engine.answer(call.client().listener(), call.client().correlationId(), call.version(), call.request())
                .thenApply(QuorumApis::withoutFiles);
    }

    private static ApiMessage withoutFiles(ApiMessage response) {
        if (response instanceof FetchResponseData fetch) {
            fetch.responses()
                    .forEach(topic -> topic.partitions()
                            .forEach(partition -> partition.setRecords(inMemory(partition.records()))));
        } else if (response instanceof FetchSnapshotResponseData snapshot) {
            snapshot.topics()
                    .forEach(topic -> topic.partitions()
                            .forEach(partition ->
                                    partition.setUnalignedRecords(inMemory(partition.unalignedRecords()))));
        }
        return response;
    }

    private static @Nullable BaseRecords inMemory(@Nullable BaseRecords records) {
        return records instanceof TransferableRecords transferable && !(records instanceof MemoryRecords)
                ? RecordsCopy.of(transferable)
                : records;
    }
}
