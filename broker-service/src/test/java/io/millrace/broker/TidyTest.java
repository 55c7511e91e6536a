package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house style that a compiler cannot check, over every module's Java sources. Each message names the replacement. */
class TidyTest {

    private static final int MAX_LINES = 600;

    /** What may not be written, where, and what to write instead. */
    private record Rule(Pattern pattern, Predicate<Path> where, String instead) {}

    private static final Predicate<Path> MAIN = path -> path.toString().contains("/src/main/");
    private static final Predicate<Path> TEST = path -> path.toString().contains("/src/test/");
    private static final Predicate<Path> BROKER =
            path -> MAIN.test(path) && path.toString().contains("broker-service");
    private static final Predicate<Path> RUNTIME_OR_BOOT = path ->
            path.toString().contains("/broker/runtime/") || path.toString().contains("/broker/boot/");

    private static final List<Rule> RULES = List.of(
            rule(
                    "\\b(class|record|interface|enum) \\w*(Utils?|Helper|Manager|Impl|Support)\\b",
                    MAIN,
                    "a class is a noun that says its job"),
            rule(
                    "\\bclass (Abstract|Base)[A-Z]\\w*",
                    MAIN,
                    "prefer composition; name the job, not the place in a hierarchy"),
            rule("\\b(TODO|FIXME|XXX)\\b", path -> true, "finish it, or write an issue"),
            rule("\\.printStackTrace\\(\\)", path -> true, "log it with the logger, or let it through"),
            rule(
                    "System\\.(out|err)\\.print",
                    MAIN.and(path -> !path.toString().contains("/boot/")
                            && !path.toString().contains("/cli/")
                            && !path.toString().contains("/standalone/")),
                    "use the logger"),
            rule(
                    "catch \\([^)]*\\) \\{\\s*\\}",
                    path -> true,
                    "handle the failure, or say in a comment why it is expected"),
            rule("Thread\\.sleep\\(", TEST, "wait for the condition"),
            rule("@Disabled", TEST, "fix the test or delete it"),
            rule("org\\.mockito", TEST, "use the real class or an in-memory seam"),
            rule(
                    "System\\.(currentTimeMillis|nanoTime)\\(",
                    BROKER.and(RUNTIME_OR_BOOT.negate()),
                    "take runtime.Clock, so that time can be simulated"),
            rule(
                    "default ->\\s*throw new (AssertionError|IllegalStateException)\\(",
                    MAIN,
                    "switch over a sealed type or enum exhaustively, without default"));

    private static Rule rule(String pattern, Predicate<Path> where, String instead) {
        return new Rule(Pattern.compile(pattern), where, instead);
    }

    @Test
    void everySourceFollowsTheHouseStyle() throws IOException {
        List<String> findings = new ArrayList<>();
        for (Path file : sources()) {
            String text = Files.readString(file);
            long lines = text.lines().count();
            if (lines > MAX_LINES) {
                findings.add(file + ": " + lines + " lines; past " + MAX_LINES + " a class has two jobs: split it");
            }
            for (Rule rule : RULES) {
                if (rule.where().test(file)) {
                    rule.pattern()
                            .matcher(text)
                            .results()
                            .forEach(match -> findings.add(file + ":"
                                    + text.substring(0, match.start()).lines().count() + ": «"
                                    + match.group().strip() + "»: " + rule.instead()));
                }
            }
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() throws IOException {
        List<String> findings = new ArrayList<>();
        List<Path> packages =
                sources().stream().filter(MAIN).map(Path::getParent).distinct().toList();
        for (Path folder : packages) {
            Path info = folder.resolve("package-info.java");
            String text = Files.exists(info) ? Files.readString(info) : "";
            if (!text.contains("@NullMarked") || !text.contains("/**")) {
                findings.add(info + ": add one sentence on what the package is and @NullMarked");
            }
        }
        assertThat(findings).isEmpty();
    }

    private static List<Path> sources() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.filter(path -> Files.exists(path.resolve("pom.xml")))
                    .toList()) {
                Path src = module.resolve("src");
                if (Files.isDirectory(src)) {
                    try (Stream<Path> files = Files.walk(src)) {
                        files.filter(path -> path.toString().endsWith(".java"))
                                .filter(path -> !path.endsWith("TidyTest.java"))
                                .filter(path -> !path.toString().contains("/org/apache/kafka/"))
                                .forEach(sources::add);
                    }
                }
            }
        }
        assertThat(sources).as("Java sources below " + root).hasSizeGreaterThan(20);
        return sources;
    }
}
