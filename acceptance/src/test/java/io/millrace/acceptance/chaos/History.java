package io.millrace.acceptance.chaos;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What clients were told, in the order in which they were; also in a file, a line each. Any thread. */
final class History implements AutoCloseable {

    /** Something a client was told. */
    sealed interface Event {
        int partition();

        long offset();
    }

    /** A producer: this record is at that offset, for good. */
    record Acknowledged(int partition, long offset, String value) implements Event {}

    /** A consumer of a group: this record is at that offset. */
    record Read(int partition, long offset, String value, int leaderEpoch) implements Event {}

    /** A member: the group goes on from that offset. */
    record Committed(int partition, long offset) implements Event {}

    /** A member that was given the partition: it goes on from that offset. */
    record Resumed(int partition, long offset) implements Event {}

    private final List<Event> events = new ArrayList<>();
    private final BufferedWriter file;

    History(Path path) {
        try {
            Files.createDirectories(path.getParent());
            file = Files.newBufferedWriter(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void add(Event event) {
        events.add(event);
        try {
            file.write(event.toString());
            file.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    synchronized int size() {
        return events.size();
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
