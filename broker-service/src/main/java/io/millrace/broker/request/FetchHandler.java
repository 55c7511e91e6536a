package io.millrace.broker.request;

import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;

/** Fetch, versions 4 to 18: finds the session, then leaves the request to a {@link FetchInProgress}. */
final class FetchHandler implements ApiHandler {

    static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final BrokerServices broker;
    private final ReadReplicas replicas;
    // One a loop, by the loop's index.
    private final List<FetchSessions> sessions = new ArrayList<>();
    private final List<FetchTimeouts> timeouts = new ArrayList<>();

    FetchHandler(BrokerServices broker) {
        this.broker = broker;
        this.replicas = new ReadReplicas(broker);
        int loops = broker.loops().loops().size();
        // Rounded up: a configured slot is never lost to the division.
        int slotsPerLoop = (broker.config().fetchSessionSlots() + loops - 1) / loops;
        for (EventLoop loop : broker.loops().loops()) {
            sessions.add(new FetchSessions(slotsPerLoop, broker.clock(), broker.random()));
            timeouts.add(new FetchTimeouts(loop, broker.clock()));
        }
    }

    @Override
    public void handle(Request request) {
        FetchRequestData body = (FetchRequestData) request.body();
        ClientContext client = request.client();
        TopicNames names =
                new TopicNames(broker.cluster().image(), client.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS);
        boolean fromFollower = FetchRequest.isValidBrokerId(FetchRequest.replicaId(body));
        FetchSessions.Resolution resolution =
                sessions.get(request.loop().index()).resolve(body, names, fromFollower);
        if (resolution.error() != Errors.NONE) {
            request.reply(new FetchResponseData()
                    .setErrorCode(resolution.error().code())
                    .setSessionId(FetchMetadata.INVALID_SESSION_ID));
            return;
        }
        List<FetchedPartition> partitions = resolution.session() == null
                ? sessionless(body, names)
                : resolution.session().inOrder();
        FetchTimeouts waiting = timeouts.get(request.loop().index());
        new FetchInProgress(broker, request, partitions, resolution, replicas, waiting).start();
    }

    private static List<FetchedPartition> sessionless(FetchRequestData body, TopicNames names) {
        List<FetchedPartition> partitions = new ArrayList<>();
        for (FetchTopic topic : body.topics()) {
            for (FetchPartition asked : topic.partitions()) {
                partitions.add(names.resolve(topic, asked));
            }
        }
        return partitions;
    }
}
