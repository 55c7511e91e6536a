package io.millrace.acceptance.client;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** A released kafka-clients line, each with a class loader of its own. */
public enum JavaClientVersion {
    V2_8("2.8"),
    V3_9("3.9"),
    V4_3("4.3");

    private final String line;

    JavaClientVersion(String line) {
        this.line = line;
    }

    public String line() {
        return line;
    }

    /** Runs {@link ClientRoundTrip} with this version's classes. */
    @SuppressWarnings("unchecked")
    public Map<String, String> roundTrip(Map<String, String> arguments) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            // kafka-clients looks up deserialisers and configured classes through the context class loader
            thread.setContextClassLoader(loader);
            Object roundTrip = loader.loadClass(ClientRoundTrip.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            return ((Function<Map<String, String>, Map<String, String>>) roundTrip).apply(arguments);
        } catch (ReflectiveOperationException | IOException e) {
            throw new IllegalStateException("kafka-clients " + line, e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private URL[] classPath() throws IOException {
        List<Path> entries = new ArrayList<>();
        Path target = Path.of(System.getProperty("acceptance.target"));
        if (this == V4_3) {
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of)
                    .forEach(entries::add);
        } else {
            try (Stream<Path> jars = Files.list(target.resolve("clients").resolve(line))) {
                jars.forEach(entries::add);
            }
        }
        entries.add(target.resolve("test-classes"));
        List<URL> urls = new ArrayList<>();
        for (Path entry : entries) {
            urls.add(url(entry));
        }
        return urls.toArray(URL[]::new);
    }

    private static URL url(Path entry) throws MalformedURLException {
        return entry.toUri().toURL();
    }
}
