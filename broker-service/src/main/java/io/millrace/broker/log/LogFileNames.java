package io.millrace.broker.log;

import io.millrace.broker.runtime.RandomSource;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Kafka's names for the files and directories of a log. */
final class LogFileNames {

    static final String LOG = ".log";
    static final String OFFSET_INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";
    static final String TRANSACTION_INDEX = ".txnindex";
    static final String PRODUCER_SNAPSHOT = ".snapshot";
    static final String DELETED = ".deleted";
    static final String CLEANED = ".cleaned";
    static final String SWAP = ".swap";
    static final String LEADER_EPOCHS = "leader-epoch-checkpoint";
    static final String PARTITION_METADATA = "partition.metadata";
    static final String DELETED_DIRECTORY = "-delete";
    static final String FUTURE_DIRECTORY = "-future";
    static final String STRAY_DIRECTORY = "-stray";

    /** Longest name of a directory that common file systems allow. */
    static final int MAX_DIRECTORY_NAME = 255;

    /** A dot and sixteen bytes in hexadecimal digits. */
    private static final int UNIQUE_CHARS = 33;

    private static final int OFFSET_DIGITS = 20;

    private LogFileNames() {}

    static Path file(Path directory, long offset, String suffix) {
        return directory.resolve(offsetName(offset) + suffix);
    }

    /** The offset in twenty digits, so that names sort as offsets do. */
    static String offsetName(long offset) {
        String digits = Long.toString(offset);
        return "0".repeat(OFFSET_DIGITS - digits.length()) + digits;
    }

    /** The offset that {@code name} begins with when it is twenty digits and {@code suffix}; -1 when it is another name. */
    static long offsetOf(String name, String suffix) {
        if (name.length() != OFFSET_DIGITS + suffix.length() || !name.endsWith(suffix)) {
            return -1;
        }
        long offset = 0;
        for (int i = 0; i < OFFSET_DIGITS; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            offset = offset * 10 + digit;
        }
        return offset;
    }

    static String directoryName(TopicPartition partition) {
        return partition.topic() + "-" + partition.partition();
    }

    /** Apache's name of a directory into which a partition's log is being copied. */
    static String futureName(TopicPartition partition, Uuid unique) {
        return uniqueName(partition, unique, FUTURE_DIRECTORY);
    }

    /**
     * Apache's name of a directory that is a partition's no more; it is known by its end, whatever it begins with, so that long names are
     * cut.
     */
    static String uniqueName(TopicPartition partition, Uuid unique, String end) {
        String name = directoryName(partition);
        int most = MAX_DIRECTORY_NAME - UNIQUE_CHARS - end.length();
        String digits = HexFormat.of().toHexDigits(unique.getMostSignificantBits())
                + HexFormat.of().toHexDigits(unique.getLeastSignificantBits());
        return (name.length() > most ? name.substring(0, most) : name) + "." + digits + end;
    }

    /** Where the directory of a log goes that is its partition's no more. */
    static Path uniqueSibling(PartitionLog log, RandomSource random, String end) {
        return log.directory().resolveSibling(uniqueName(log.topicPartition(), random.nextUuid(), end));
    }

    /** The partition that is being copied into a directory of that name; null when it is another name. */
    static @Nullable TopicPartition futurePartitionOf(String directoryName) {
        int dot = directoryName.lastIndexOf('.');
        return dot > 0 && directoryName.endsWith(FUTURE_DIRECTORY)
                ? partitionOf(directoryName.substring(0, dot))
                : null;
    }

    /** The partition that a directory of that name holds; null when it is not a partition's name. */
    static @Nullable TopicPartition partitionOf(String directoryName) {
        int dash = directoryName.lastIndexOf('-');
        if (dash <= 0 || dash == directoryName.length() - 1) {
            return null;
        }
        String number = directoryName.substring(dash + 1);
        if (!number.chars().allMatch(c -> c >= '0' && c <= '9') || number.length() > 10) {
            return null;
        }
        long partition = Long.parseLong(number);
        return partition > Integer.MAX_VALUE
                ? null
                : new TopicPartition(directoryName.substring(0, dash), (int) partition);
    }
}
