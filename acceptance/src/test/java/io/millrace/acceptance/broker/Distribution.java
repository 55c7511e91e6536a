package io.millrace.acceptance.broker;

import io.millrace.acceptance.process.CommandResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The broker under test as software: how its processes are started, and the tools that come with it. */
public sealed interface Distribution permits ApacheKafka, Millrace {
    /** Apache Kafka with {@code -Doracle}, Millrace otherwise. */
    static Distribution underTest() {
        return Boolean.getBoolean("acceptance.oracle") ? apacheKafka() : millrace();
    }

    static Distribution millrace() {
        return new Millrace(Path.of(System.getProperty("millrace.home")));
    }

    /** Apache Kafka as published, of the version whose clients and formats Millrace uses. */
    static Distribution apacheKafka() {
        return new ApacheKafka(Path.of(System.getProperty("acceptance.apache")));
    }

    static boolean isApacheKafka() {
        return underTest() instanceof ApacheKafka;
    }

    String name();

    /** The command that formats the data directories named in the file; {@code how} are more of its arguments. */
    List<String> format(Path propertiesFile, String... how);

    /** The command that becomes the broker. */
    List<String> broker(Path propertiesFile);

    /** Environment for the broker: heap and start-up flags that suit a test. */
    Map<String, String> brokerEnvironment();

    /** One of Kafka's tools by its name without {@code .sh}, for example {@code kafka-topics}. */
    List<String> tool(String name);

    Map<String, String> toolEnvironment();

    /** Runs a tool to its end. */
    default CommandResult run(String tool, List<String> arguments) {
        return runWithInput(tool, "", arguments);
    }

    default CommandResult runWithInput(String tool, String input, List<String> arguments) {
        List<String> command = new java.util.ArrayList<>(tool(tool));
        command.addAll(arguments);
        return CommandResult.run(toolEnvironment(), input, command);
    }
}
