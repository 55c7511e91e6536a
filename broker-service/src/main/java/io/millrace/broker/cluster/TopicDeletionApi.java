package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicDeletionDisabledException;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResultCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.controller.QuorumController;
import org.jspecify.annotations.Nullable;

/** DeleteTopics: topics named, or identified, or (wrongly) both or twice. */
final class TopicDeletionApi implements ControllerApi {

    /** The first version that can say TOPIC_DELETION_DISABLED. */
    private static final short DELETION_DISABLED_VERSION = 3;

    private final QuorumController controller;
    private final boolean enabled;

    TopicDeletionApi(QuorumController controller, boolean enabled) {
        this.controller = controller;
        this.enabled = enabled;
    }

    @Override
    public CompletableFuture<DeleteTopicsResponseData> answer(ControllerCall call) {
        if (!enabled) {
            if (call.version() < DELETION_DISABLED_VERSION) {
                throw new InvalidRequestException("This version does not support topic deletion being disabled.");
            }
            throw new TopicDeletionDisabledException();
        }
        DeleteTopicsRequestData request = (DeleteTopicsRequestData) call.request();
        return new Deletion(call, request).run();
    }

    /** One request under way; its steps run one after another. */
    private final class Deletion {
        private final ControllerCall call;
        private final DeleteTopicsRequestData request;
        private final List<DeletableTopicResult> results = new ArrayList<>();
        private final Once<String> names = new Once<>();
        private final Once<Uuid> ids = new Once<>();
        private final Map<Uuid, String> found = new HashMap<>();

        private Deletion(ControllerCall call, DeleteTopicsRequestData request) {
            this.call = call;
            this.request = request;
        }

        private CompletableFuture<DeleteTopicsResponseData> run() {
            request.topicNames().forEach(names::add);
            request.topics().forEach(this::sort);
            names.repeated.forEach(
                    name -> refuse(name, Uuid.ZERO_UUID, Errors.INVALID_REQUEST, "Duplicate topic name."));
            ids.repeated.forEach(id -> refuse(null, id, Errors.INVALID_REQUEST, "Duplicate topic id."));
            return controller
                    .findTopicNames(call.context(request.timeoutMs()), ids.once)
                    .thenCompose(namesById -> {
                        namesById.forEach((id, name) -> {
                            if (name.isError()) {
                                add(null, id, name.error());
                            } else {
                                found.put(id, name.result());
                            }
                        });
                        return controller.findTopicIds(call.context(request.timeoutMs()), names.once);
                    })
                    .thenCompose(idsByName -> {
                        idsByName.forEach((name, id) -> {
                            if (id.isError()) {
                                add(name, Uuid.ZERO_UUID, id.error());
                            } else if (found.putIfAbsent(id.result(), name) != null
                                    || ids.repeated.contains(id.result())) {
                                found.remove(id.result());
                                ids.repeated.add(id.result());
                                refuse(
                                        name,
                                        id.result(),
                                        Errors.INVALID_REQUEST,
                                        "The provided topic name maps to an ID that was already supplied.");
                            }
                        });
                        return controller.deleteTopics(call.context(request.timeoutMs()), Set.copyOf(found.keySet()));
                    })
                    .thenApply(deleted -> {
                        deleted.forEach((id, error) -> add(found.get(id), id, error));
                        // Positions must not tell topics that do not exist from those the client may not see.
                        Collections.shuffle(results);
                        return new DeleteTopicsResponseData()
                                .setResponses(new DeletableTopicResultCollection(results.iterator()));
                    });
        }

        private void sort(DeleteTopicState topic) {
            boolean named = topic.name() != null;
            boolean identified = !topic.topicId().equals(Uuid.ZERO_UUID);
            if (named && identified) {
                refuse(
                        topic.name(),
                        topic.topicId(),
                        Errors.INVALID_REQUEST,
                        "You may not specify both topic name and topic id.");
            } else if (named) {
                names.add(topic.name());
            } else if (identified) {
                ids.add(topic.topicId());
            } else {
                refuse(null, Uuid.ZERO_UUID, Errors.INVALID_REQUEST, "Neither topic name nor id were specified.");
            }
        }

        private void refuse(@Nullable String name, Uuid id, Errors error, String message) {
            add(name, id, new ApiError(error, message));
        }

        private void add(@Nullable String name, Uuid id, ApiError error) {
            results.add(new DeletableTopicResult()
                    .setName(name)
                    .setTopicId(id)
                    .setErrorCode(error.error().code())
                    .setErrorMessage(error.message()));
        }
    }

    /** What a request asked for once, apart from what it asked for more often. */
    private static final class Once<T> {
        private final Set<T> once = new HashSet<>();
        private final Set<T> repeated = new HashSet<>();

        private void add(T value) {
            if (repeated.contains(value) || !once.add(value)) {
                once.remove(value);
                repeated.add(value);
            }
        }
    }
}
