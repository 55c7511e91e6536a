package io.millrace.acceptance.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The wall clock that one node sees, which can be set while it runs; its monotonic clock stays true. By libfaketime, on machines that
 * have it (Debian's package of that name).
 */
final class WallClock {

    private static final Optional<Path> LIBRARY = Stream.of("/usr/lib", "/usr/lib64", "/usr/local/lib")
            .flatMap(WallClock::in)
            .findFirst();

    /** How far it is ahead of the machine's, as libfaketime reads it, once a second. */
    private final Path offset;

    WallClock(Path offset) {
        this.offset = offset;
        set(0);
    }

    private static Stream<Path> in(String directory) {
        Path root = Path.of(directory);
        if (!Files.isDirectory(root)) {
            return Stream.empty();
        }
        // Some systems have a directory for each architecture in between.
        try (Stream<Path> directories = Files.list(root)) {
            return Stream.concat(Stream.of(root), directories)
                    .map(one -> one.resolve("faketime").resolve("libfaketimeMT.so.1"))
                    .filter(Files::isReadable)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean canBeSet() {
        return LIBRARY.isPresent();
    }

    /** Seconds that it is to be ahead, or for a negative number behind. */
    void set(long seconds) {
        try {
            Path next = Files.writeString(offset.resolveSibling("clock.next"), "%+d%n".formatted(seconds));
            Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a process needs in its environment to see it. */
    Map<String, String> environment() {
        return LIBRARY.map(library -> Map.of(
                        "LD_PRELOAD", library.toString(),
                        "FAKETIME_TIMESTAMP_FILE", offset.toString(),
                        "FAKETIME_CACHE_DURATION", "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                        // Or what waits on the monotonic clock returns at once.
                        "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                        "NO_FAKE_STAT", "1"))
                .orElse(Map.of());
    }
}
