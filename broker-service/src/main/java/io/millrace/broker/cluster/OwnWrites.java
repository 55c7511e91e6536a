package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Whoever changes topics or configurations through this node finds the change here: the controller's answer waits until the node's
 * image has what it confirms and every listener was told, or {@link #LONGEST_MS} have passed. The controller commits before it answers,
 * but images follow the metadata log by themselves, milliseconds later. Any thread; told of images on the loader's.
 */
final class OwnWrites implements ImageListener {

    /** A node that hears nothing of its quorum must still answer: the change is committed, whether seen here or not. */
    static final long LONGEST_MS = 1_000;

    private final ClusterTimer timer;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private volatile ClusterImage seen;

    OwnWrites(ClusterTimer timer, ClusterImage empty) {
        this.timer = timer;
        this.seen = empty;
    }

    /** Completes with {@code response}, once it is true here. */
    CompletableFuture<ApiMessage> seenHere(ApiMessage request, ApiMessage response) {
        Predicate<ClusterImage> there = confirmed(request, response);
        if (there.test(seen)) {
            return CompletableFuture.completedFuture(response);
        }
        Waiting one = new Waiting(there, new CompletableFuture<>());
        waiting.add(one);
        CompletableFuture<Void> tooLong = timer.failAfter(LONGEST_MS);
        CompletableFuture<Void> _ = tooLong.whenComplete((_, _) -> one.done.complete(null));
        CompletableFuture<Void> _ = one.done.whenComplete((_, _) -> {
            waiting.remove(one);
            tooLong.complete(null);
        });
        if (there.test(seen)) {
            one.done.complete(null);
        }
        return one.done.thenApply(_ -> response);
    }

    @Override
    public void imageChanged(ImageChange change) {
        seen = change.after();
        for (Waiting one : waiting) {
            if (one.there.test(change.after())) {
                one.done.complete(null);
            }
        }
    }

    private record Waiting(Predicate<ClusterImage> there, CompletableFuture<Void> done) {}

    /** What an image shows once it has everything that {@code response} says was done. */
    private static Predicate<ClusterImage> confirmed(ApiMessage request, ApiMessage response) {
        List<Predicate<ClusterImage>> all = new ArrayList<>();
        switch (response) {
            case CreateTopicsResponseData created
            when !((CreateTopicsRequestData) request).validateOnly() ->
                created.topics().stream()
                        .filter(topic -> topic.errorCode() == Errors.NONE.code())
                        .forEach(topic -> all.add(image -> exists(image, topic.topicId(), topic.name())));
            case DeleteTopicsResponseData deleted ->
                deleted.responses().stream()
                        .filter(topic -> topic.errorCode() == Errors.NONE.code())
                        .forEach(topic -> all.add(image -> !exists(image, topic.topicId(), topic.name())));
            case CreatePartitionsResponseData grown
            when !((CreatePartitionsRequestData) request).validateOnly() ->
                grown.results().stream()
                        .filter(topic -> topic.errorCode() == Errors.NONE.code())
                        .map(topic ->
                                ((CreatePartitionsRequestData) request).topics().find(topic.name()))
                        .forEach(topic -> all.add(image -> partitions(image, topic.name()) >= topic.count()));
            case IncrementalAlterConfigsResponseData altered
            when !((IncrementalAlterConfigsRequestData) request).validateOnly() ->
                altered.responses().stream()
                        .filter(resource -> resource.errorCode() == Errors.NONE.code())
                        .map(resource -> ((IncrementalAlterConfigsRequestData) request)
                                .resources()
                                .find(resource.resourceType(), resource.resourceName()))
                        .forEach(resource -> all.add(image -> configured(image, resource)));
            default -> {}
        }
        return image -> all.stream().allMatch(one -> one.test(image));
    }

    /** By its id, which a topic of the same name made later does not have; versions without ids leave the name. */
    private static boolean exists(ClusterImage image, Uuid id, String name) {
        return (id.equals(Uuid.ZERO_UUID) ? image.topic(name) : image.topic(id)) != null;
    }

    private static int partitions(ClusterImage image, String topic) {
        ClusterImage.Topic found = image.topic(topic);
        return found == null ? Integer.MAX_VALUE : found.partitionCount();
    }

    /** What was set or taken back; to see what was appended or subtracted would take knowing the lists before. */
    private static boolean configured(ClusterImage image, AlterConfigsResource resource) {
        Map<String, String> overrides = image.configOverrides(
                new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName()));
        return resource.configs().stream().allMatch(config -> switch (OpType.forId(config.configOperation())) {
            case SET -> config.value().equals(overrides.get(config.name()));
            case DELETE -> !overrides.containsKey(config.name());
            case APPEND, SUBTRACT -> true;
        });
    }
}
