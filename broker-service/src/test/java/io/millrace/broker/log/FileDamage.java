package io.millrace.broker.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Loses, cuts and garbles what is not the records themselves: a restart makes it again. */
final class FileDamage {

    private static final List<String> DAMAGEABLE = List.of(
            LogFileNames.OFFSET_INDEX,
            LogFileNames.TIME_INDEX,
            LogFileNames.TRANSACTION_INDEX,
            LogFileNames.PRODUCER_SNAPSHOT,
            LogFileNames.LEADER_EPOCHS,
            "checkpoint",
            ".millrace-boot-id");

    private final SimulatedDisk disk;
    private final Random random;
    private final List<Path> volumes;
    private final Consumer<String> notes;

    FileDamage(SimulatedDisk disk, Random random, List<Path> volumes, Consumer<String> notes) {
        this.disk = disk;
        this.random = random;
        this.volumes = volumes;
        this.notes = notes;
    }

    /** Sometimes damages one or two files; whether it did. */
    boolean toSomeFiles() {
        return toSomeFiles(List.of());
    }

    boolean toSomeFiles(List<String> spared) {
        if (random.nextInt(3) > 0) {
            return false;
        }
        try {
            List<Path> files = new ArrayList<>();
            for (Path volume : volumes) {
                for (Path path : disk.list(volume)) {
                    files.addAll(disk.isDirectory(path) ? disk.list(path) : List.of(path));
                }
            }
            files.removeIf(file -> DAMAGEABLE.stream().noneMatch(file.toString()::endsWith)
                    || spared.contains(file.getFileName().toString()));
            files.sort(null);
            for (int i = 0; i < 2 && !files.isEmpty(); i++) {
                damage(files.remove(random.nextInt(files.size())));
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void damage(Path file) throws IOException {
        int size = (int) disk.sizeBytes(file);
        // Whether there ought to be a transaction index nobody can tell.
        boolean mayBeLost = !file.toString().endsWith(LogFileNames.TRANSACTION_INDEX);
        switch (mayBeLost ? random.nextInt(3) : 1 + random.nextInt(2)) {
            case 0 -> {
                notes.accept("lost " + file);
                disk.delete(file);
            }
            case 1 -> {
                notes.accept("cut " + file);
                // Not to a multiple of an entry: what is shorter by whole entries is an index, too.
                byte[] shorter = Arrays.copyOf(disk.readAll(file), size / 24 * 12 + 7);
                disk.replace(file, shorter, true);
            }
            default -> {
                notes.accept("garbage in " + file);
                byte[] garbage = new byte[size + 1];
                random.nextBytes(garbage);
                disk.replace(file, garbage, true);
            }
        }
    }
}
