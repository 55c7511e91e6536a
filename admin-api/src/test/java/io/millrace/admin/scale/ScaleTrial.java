package io.millrace.admin.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.BrokerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API over a cluster of 10,000 topics, 50,000 partitions and 10,000 groups: takes minutes, so it runs only when asked
 * for by name, with {@code -Dtest=ScaleTrial}. {@code -Dmillrace.test.millrace=host:port} uses a cluster that is there;
 * {@code -Dscale.topics=N}, {@code -Dscale.records=N} make it smaller.
 */
class ScaleTrial {
    private static final int TOPICS = Integer.getInteger("scale.topics", 10_000);
    private static final int PARTITIONS = 5;
    private static final int RECORDS = Integer.getInteger("scale.records", 10_000_000);
    private static final int NEEDLE_EVERY = 10_007;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static String bootstrap = "";
    private static Process api = unstarted();
    private static int port;

    private static Process unstarted() {
        try {
            return new ProcessBuilder("true").start();
        } catch (IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
    }

    @BeforeAll
    static void clusterAndApi() throws Exception {
        String given = System.getProperty("millrace.test.millrace", "");
        if (given.isEmpty()) {
            BrokerProcess.Running broker = BrokerProcess.start(BrokerProcess.Kind.MILLRACE, "-Xmx1g");
            bootstrap = broker.address();
            report("broker pid %d", broker.process().pid());
        } else {
            bootstrap = given;
        }
        long start = System.nanoTime();
        makeTopicsAndGroups();
        report("%d topics, as many groups: made in %d ms", TOPICS, ms(start));
        port = BrokerProcess.freePort();
        Path home = Files.createTempDirectory("millrace-scale");
        api = BrokerProcess.java(
                home,
                "api",
                System.getProperty("scale.heap", "-Xmx320m"),
                "io.millrace.admin.AdminApplication",
                "--bootstrap=" + bootstrap,
                "--http-port=" + port);
        report("API pid %d, log in %s", api.pid(), home);
        start = System.nanoTime();
        while (true) {
            try {
                if (get("/topics?limit=1").at("/page/total").asInt() >= TOPICS) break;
            } catch (IOException notYet) {
                Thread.onSpinWait();
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        report("first list %d ms after the API's start", ms(start));
        while (get("/consumer-groups?limit=1").at("/page/total").asInt() < TOPICS) TimeUnit.MILLISECONDS.sleep(200);
        report("first group list %d ms after the API's start", ms(start));
    }

    @AfterAll
    static void stop() {
        api.destroy();
    }

    private static void makeTopicsAndGroups() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "request.timeout.ms", 120_000))) {
            int there = admin.listTopics().names().get().size();
            for (int from = Math.max(0, there - 5); from < TOPICS; from += 500) {
                List<NewTopic> some = new ArrayList<>();
                for (int i = from; i < Math.min(TOPICS, from + 500); i++)
                    some.add(new NewTopic(topic(i), PARTITIONS, (short) 1));
                try {
                    admin.createTopics(some).all().get();
                } catch (java.util.concurrent.ExecutionException exists) {
                    report("%s", exists.getMessage());
                }
            }
            if (admin.listGroups().all().get().size() >= TOPICS) return;
            for (int from = 0; from < TOPICS; from += 500) {
                List<KafkaFuture<Void>> answers = new ArrayList<>();
                for (int i = from; i < Math.min(TOPICS, from + 500); i++) {
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    for (int p = 0; p < PARTITIONS; p++)
                        offsets.put(new TopicPartition(topic(i), p), new OffsetAndMetadata(0));
                    answers.add(admin.alterConsumerGroupOffsets("group-%05d".formatted(i), offsets)
                            .all());
                }
                KafkaFuture.allOf(answers.toArray(KafkaFuture[]::new)).get();
            }
        }
    }

    private static String topic(int i) {
        return "orders-%05d".formatted(i);
    }

    @Test
    void listsAnswerWithin200Ms() throws Exception {
        Map<String, Long> slow = new HashMap<>();
        for (int round = 0; round < 2; round++) {
            for (String list : List.of(
                    "/topics?limit=100",
                    "/topics?limit=1000&sort=-size",
                    "/topics?q=0077&sort=-records",
                    "/topics?sort=-rate",
                    "/topics?filter=under-replicated",
                    "/consumer-groups?limit=100",
                    "/consumer-groups?limit=1000&sort=-lag",
                    "/consumer-groups?sort=-lagSeconds",
                    "/consumer-groups?q=0077&sort=members",
                    "/consumer-groups?topic=" + topic(77),
                    "/partitions?limit=200",
                    "/partitions?limit=1000&q=99",
                    "/partitions?filter=problems",
                    "/brokers",
                    "",
                    "/reassignments",
                    "/rebalances",
                    "/audit-events",
                    "/quorum")) {
                long[] took = new long[15];
                for (int i = 0; i < took.length; i++) {
                    long start = System.nanoTime();
                    get(list);
                    took[i] = ms(start);
                    TimeUnit.MILLISECONDS.sleep(50);
                }
                Arrays.sort(took);
                if (round == 1) {
                    report("%-40s median %3d ms, worst %4d ms", list, took[took.length / 2], took[took.length - 1]);
                    if (took[took.length / 2] > 200) slow.put(list, took[took.length / 2]);
                }
            }
        }
        idleAndWatched();
        assertThat(slow).isEmpty();
    }

    private static void idleAndWatched() throws Exception {
        String brokerPid = System.getProperty("scale.broker.pid", "");
        for (boolean watched : new boolean[] {true, false}) {
            long apiCpu = cpuMs(api.pid());
            long brokerCpu = brokerPid.isEmpty() ? 0 : cpuMs(Long.parseLong(brokerPid));
            long start = System.nanoTime();
            for (int i = 0; i < 30; i++) {
                if (watched) {
                    get("/topics");
                    get("/consumer-groups");
                }
                TimeUnit.SECONDS.sleep(1);
            }
            double seconds = ms(start) / 1000.0;
            report(
                    "%s: API %.1f %% of a core, broker %.1f %%, API RSS %d MB",
                    watched ? "watched" : "unwatched (first 30 s still count as watched)",
                    (cpuMs(api.pid()) - apiCpu) / seconds / 10,
                    brokerPid.isEmpty() ? -1 : (cpuMs(Long.parseLong(brokerPid)) - brokerCpu) / seconds / 10,
                    rssMb());
        }
    }

    @Test
    void aSearchThroughMillionsMissesNothing() throws Exception {
        fillHaystack();
        for (String from : List.of("OLDEST", "NEWEST")) {
            for (String filter : List.of("q=needle", "cel=" + encoded("value.startsWith('needle')"))) {
                long start = System.nanoTime();
                long scanned = 0;
                long found = 0;
                int pages = 0;
                long slowest = 0;
                String cursor = "";
                do {
                    long page = System.nanoTime();
                    JsonNode answer = get("/topics/haystack/records?limit=1000&from=" + from + "&" + filter + cursor);
                    slowest = Math.max(slowest, ms(page));
                    pages++;
                    scanned += answer.at("/scanned").asLong();
                    found += answer.at("/items").size();
                    cursor =
                            answer.has("next") ? "&cursor=" + answer.at("/next").asString() : "";
                } while (!cursor.isEmpty());
                report(
                        "search %s %s: %d records in %d ms, %d found, %d pages, slowest %d ms, RSS %d MB",
                        from, filter, scanned, ms(start), found, pages, slowest, rssMb());
                assertThat(scanned).isEqualTo(RECORDS);
                assertThat(found).isEqualTo((RECORDS + NEEDLE_EVERY - 1) / NEEDLE_EVERY);
            }
        }
    }

    private static void fillHaystack() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            if (admin.listTopics().names().get().contains("haystack")) return;
            admin.createTopics(List.of(new NewTopic("haystack", 4, (short) 1)))
                    .all()
                    .get();
        }
        long start = System.nanoTime();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int i = 0; i < RECORDS; i++) {
                String value = (i % NEEDLE_EVERY == 0 ? "needle " : "hay ") + i;
                var _ = producer.send(
                        new ProducerRecord<>("haystack", i & 3, null, value.getBytes(StandardCharsets.US_ASCII)));
            }
        }
        report("%d records written in %d ms", RECORDS, ms(start));
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "linger.ms", 5, "batch.size", 65_536),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @Test
    void aTailOf5000RecordsASecondKeepsUp() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            if (!admin.listTopics().names().get().contains("stream"))
                admin.createTopics(List.of(new NewTopic("stream", 4, (short) 1)))
                        .all()
                        .get();
        }
        HttpResponse<java.io.InputStream> events = HTTP.send(
                HttpRequest.newBuilder(uri("/topics/stream/records:tail")).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        AtomicLong shown = new AtomicLong();
        AtomicLong matched = new AtomicLong();
        AtomicLong batches = new AtomicLong();
        long sent = 0;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            reader.readLine();
            Thread counter = Thread.ofPlatform().start(() -> {
                try {
                    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                        if (!line.startsWith("data:{\"items\"")) continue;
                        JsonNode batch = JSON.readTree(line.substring(5));
                        batches.incrementAndGet();
                        shown.addAndGet(batch.at("/items").size());
                        matched.addAndGet(batch.at("/matched").asLong());
                    }
                } catch (IOException closed) {
                    Thread.currentThread().interrupt();
                }
            });
            long apiCpu = cpuMs(api.pid());
            long start = System.nanoTime();
            try (KafkaProducer<byte[], byte[]> producer = producer()) {
                while (ms(start) < 20_000) {
                    long due = ms(start) * 5;
                    while (sent < due) {
                        var _ = producer.send(new ProducerRecord<>(
                                "stream", ("{\"id\":" + sent++ + "}").getBytes(StandardCharsets.US_ASCII)));
                    }
                    TimeUnit.MILLISECONDS.sleep(5);
                }
            }
            long limit = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (matched.get() < sent && System.nanoTime() < limit) TimeUnit.MILLISECONDS.sleep(100);
            report(
                    "tail: %d sent in 20 s, %d arrived, %d shown, %d events, API %.1f %% of a core",
                    sent, matched.get(), shown.get(), batches.get(), (cpuMs(api.pid()) - apiCpu) / 200.0);
            assertThat(matched.get()).isEqualTo(sent);
            counter.interrupt();
        }
    }

    private static long cpuMs(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toMillis)
                .orElse(0L);
    }

    private static long rssMb() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + api.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .sum();
    }

    private static JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                HTTP.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException(path + ": " + answer.body());
        return JSON.readTree(answer.body());
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + "/api/v1/clusters/local" + path);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static long ms(long startNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    private static void report(String format, Object... arguments) {
        System.out.println("[scale] " + format.formatted(arguments));
    }
}
