package io.millrace.broker.network;

import com.sun.management.ThreadMXBean;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * What a request costs in the network room alone: produce requests whose handler answers at once. CPU time is that of the event
 * loops; the clients are threads of the same process. Not a test: run it by hand.
 *
 * <p>Arguments: connections, requests in flight on each, record bytes, seconds.
 */
final class NetworkBenchmark {

    private static final int WARM_UP_S = 5;

    private NetworkBenchmark() {}

    public static void main(String[] args) throws Exception {
        int connections = Integer.parseInt(args[0]);
        int inFlight = Integer.parseInt(args[1]);
        int recordBytes = Integer.parseInt(args[2]);
        int seconds = Integer.parseInt(args[3]);
        try (TestServer server = new TestServer(NetworkConfig.defaults())) {
            server.start(request -> request.reply(answer()));
            AtomicLong answered = new AtomicLong();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                byte[] batch = batch(inFlight, recordBytes);
                clients.add(Thread.ofPlatform().daemon().start(() -> client(server.port(), batch, inFlight, answered)));
            }
            letRun(WARM_UP_S);
            Sample from = Sample.take(answered);
            letRun(seconds);
            Sample to = Sample.take(answered);
            long requests = to.requests - from.requests;
            System.out.printf(
                    "%d conns x %d in flight, %d B: %,d req/s, loops %.2f us/req (user %.2f), %.0f B allocated/req%n",
                    connections,
                    inFlight,
                    recordBytes,
                    requests * 1_000_000_000L / (to.atNs - from.atNs),
                    (to.cpuNs - from.cpuNs) / 1e3 / requests,
                    (to.userNs - from.userNs) / 1e3 / requests,
                    (double) (to.allocated - from.allocated) / requests);
        }
    }

    /** A measurement takes its time: there is no condition to wait for. */
    private static void letRun(int seconds) throws InterruptedException {
        boolean _ = new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
    }

    private static ProduceResponseData answer() {
        ProduceResponseData.TopicProduceResponseCollection topics =
                new ProduceResponseData.TopicProduceResponseCollection();
        topics.add(new ProduceResponseData.TopicProduceResponse()
                .setName("topic")
                .setPartitionResponses(List.of(new ProduceResponseData.PartitionProduceResponse().setBaseOffset(1))));
        return new ProduceResponseData().setResponses(topics);
    }

    private static byte[] batch(int requests, int recordBytes) {
        MemoryRecords records = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[recordBytes]));
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName("topic")
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData().setRecords(records))));
        ProduceRequestData body = new ProduceRequestData().setAcks((short) 1).setTopicData(topics);
        byte[] message =
                MessageUtil.toByteBufferAccessor(body, (short) 9).buffer().array();
        byte[] frame = Frames.withLength(Frames.of(ApiKeys.PRODUCE.id, (short) 9, 1, "bench", message));
        byte[] batch = new byte[frame.length * requests];
        for (int i = 0; i < requests; i++) {
            System.arraycopy(frame, 0, batch, i * frame.length, frame.length);
        }
        return batch;
    }

    private static void client(int port, byte[] batch, int inFlight, AtomicLong answered) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 65536));
            byte[] sink = new byte[65536];
            while (true) {
                out.write(batch);
                for (int i = 0; i < inFlight; i++) {
                    in.readFully(sink, 0, in.readInt());
                }
                answered.addAndGet(inFlight);
            }
        } catch (IOException e) {
            if (!(e instanceof java.io.EOFException || e instanceof java.net.SocketException)) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The loops' CPU time so far. */
    private record Sample(long atNs, long requests, long cpuNs, long userNs, long allocated) {
        static Sample take(AtomicLong answered) {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long cpuNs = 0;
            long userNs = 0;
            long allocated = 0;
            for (long id : threads.getAllThreadIds()) {
                var info = threads.getThreadInfo(id);
                if (info != null && info.getThreadName().startsWith("loop")) {
                    cpuNs += threads.getThreadCpuTime(id);
                    userNs += threads.getThreadUserTime(id);
                    allocated += threads.getThreadAllocatedBytes(id);
                }
            }
            return new Sample(System.nanoTime(), answered.get(), cpuNs, userNs, allocated);
        }
    }
}
