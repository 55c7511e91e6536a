package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ImageListener;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** A cluster that has the image a test wrote, and keeps what it is asked. */
public final class TestCluster implements Cluster {

    TestImage image;
    final List<ApiMessage> forwarded = new ArrayList<>();
    long nextProducerId = 1_000;

    TestCluster() {
        this(new TestImage());
    }

    public TestCluster(TestImage image) {
        this.image = image;
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public void addListener(ImageListener listener) {
        listener.imageChanged(image.asFirst());
    }

    @Override
    public OptionalInt controllerId() {
        return OptionalInt.of(1);
    }

    @Override
    public long brokerEpoch() {
        return 101;
    }

    @Override
    public CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
        forwarded.add(request);
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<ApiMessage> ask(ApiMessage request, short version) {
        if (request instanceof AllocateProducerIdsRequestData) {
            long start = nextProducerId;
            nextProducerId += 10;
            return CompletableFuture.completedFuture(new AllocateProducerIdsResponseData()
                    .setProducerIdStart(start)
                    .setProducerIdLen(10));
        }
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<ApiMessage> serveController(
            ClientContext client, String connectionId, ApiMessage request) {
        return null;
    }

    @Override
    public void connectionClosed(String connectionId) {
        // Nothing hangs on connections here.
    }
}
