package io.millrace.admin.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code apply -f FILE} and {@code get topics [NAME]}: Strimzi's KafkaTopic manifests without Kubernetes.
 *
 * <p>{@code MILLRACE_USER=name:password} logs in where the API wants that.
 */
public final class TopicCommand {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final PrintStream out;
    private String api = "http://localhost:8080";
    private String cluster = "local";
    private @Nullable String file;
    private boolean dryRun;
    private final List<String> words = new ArrayList<>();

    TopicCommand(PrintStream out) {
        this.out = out;
    }

    /** A failure that the user is told about in one line. */
    static final class Failed extends Exception {
        Failed(String message) {
            super(message);
        }
    }

    @SuppressWarnings("SystemOut") // a command's output
    public static void main(String[] args) throws InterruptedException {
        try {
            new TopicCommand(System.out).run(args);
        } catch (Failed failure) {
            System.err.println("millrace: " + failure.getMessage());
            System.exit(1);
        }
    }

    void run(String... args) throws Failed, InterruptedException {
        parse(args);
        if (words.equals(List.of("apply"))) {
            if (file == null) throw new Failed("apply: name the manifest with -f FILE ('-' reads standard input)");
            apply(read(file));
        } else if (words.size() >= 2 && words.size() <= 3 && words.get(0).equals("get") && isTopics(words.get(1))) {
            list(words.size() == 3 ? words.get(2) : null);
        } else {
            throw new Failed("say 'apply -f FILE' or 'get topics [NAME]', not '" + String.join(" ", words) + "'");
        }
    }

    private static boolean isTopics(String noun) {
        return List.of("topics", "topic", "kafkatopics", "kafkatopic", "kt").contains(noun);
    }

    private void parse(String[] args) throws Failed {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "-f", "--filename" -> file = value(args, i++);
                case "--api" -> api = value(args, i++).replaceAll("/+$", "");
                case "--cluster" -> cluster = value(args, i++);
                case "--dry-run" -> dryRun = true;
                default -> {
                    if (args[i].startsWith("-")) throw new Failed("unknown option '" + args[i] + "'");
                    words.add(args[i]);
                }
            }
        }
    }

    private static String value(String[] args, int option) throws Failed {
        if (option + 1 == args.length) throw new Failed(args[option] + " needs a value");
        return args[option + 1];
    }

    private static String read(String file) throws Failed {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (NoSuchFileException missing) {
            throw new Failed("there is no file '" + file + "'");
        } catch (IOException unreadable) {
            throw new Failed("cannot read '" + file + "': " + unreadable.getMessage());
        }
    }

    private void apply(String manifest) throws Failed, InterruptedException {
        HttpRequest.Builder request = request("/topics:apply?dryRun=" + dryRun)
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(manifest));
        List<String> failed = new ArrayList<>();
        for (JsonNode item : send(request).at("/items")) {
            String name = item.at("/name").asString();
            String outcome = item.at("/outcome").asString().toLowerCase(Locale.ROOT);
            if (outcome.equals("failed")) {
                failed.add(name + ": " + item.at("/detail").asString());
            } else {
                out.println("kafkatopic.kafka.strimzi.io/" + name + " " + outcome + (dryRun ? " (dry run)" : ""));
            }
        }
        if (!failed.isEmpty()) throw new Failed(String.join("\nmillrace: ", failed));
    }

    private void list(@Nullable String only) throws Failed, InterruptedException {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "CLUSTER", "PARTITIONS", "REPLICATION-FACTOR", "READY"));
        String cursor = "";
        do {
            String query = "/topics?limit=1000" + (only == null ? "" : "&internal=true&q=" + encoded(only)) + cursor;
            JsonNode page = send(request(query));
            for (JsonNode topic : page.at("/items")) {
                String name = topic.at("/name").asString();
                if (only != null && !only.equals(name)) continue;
                rows.add(List.of(
                        name,
                        cluster,
                        String.valueOf(topic.at("/partitions").asInt()),
                        String.valueOf(topic.at("/replicationFactor").asInt()),
                        topic.at("/offline").asInt() == 0 ? "True" : "False"));
            }
            JsonNode next = page.at("/page/next");
            cursor = next.isMissingNode() ? "" : "&cursor=" + encoded(next.asString());
        } while (!cursor.isEmpty());
        if (rows.size() == 1) throw new Failed(only == null ? "No topics found." : "there is no topic '" + only + "'");
        print(rows);
    }

    private void print(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++)
                widths[i] = Math.max(widths[i], row.get(i).length());
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i))
                        .repeat(
                                ' ',
                                i == columns - 1 ? 0 : widths[i] - row.get(i).length() + 3);
            }
            out.println(line);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(api + "/api/v1/clusters/" + encoded(cluster) + path));
        String user = System.getenv("MILLRACE_USER");
        if (user != null) {
            String login = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
            request.header("Authorization", "Basic " + login);
        }
        return request;
    }

    private JsonNode send(HttpRequest.Builder request) throws Failed, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            JsonNode body = JSON.readTree(answer.body());
            if (answer.statusCode() / 100 == 2) return body;
            throw new Failed(body.at("/detail").asString("the admin API answered " + answer.statusCode()));
        } catch (ConnectException refused) {
            throw new Failed("no admin API answers at " + api + "; start one, or name another with --api URL");
        } catch (IOException broken) {
            throw new Failed("the admin API at " + api + " could not be asked: " + broken.getMessage());
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
