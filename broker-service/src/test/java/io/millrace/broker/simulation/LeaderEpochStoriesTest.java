package io.millrace.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stories that leader epochs were invented for (KIP-101, KIP-279) end badly without the protection that each is told about. */
class LeaderEpochStoriesTest {

    private static final String STORIES = "io.millrace.broker.replication.ReplicasTest";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "FOLLOWERS_TRUNCATE_TO_THEIR_HIGH_WATERMARK, aRestartedFollowerKeepsAcknowledgedRecordsAboveItsHighWatermarkWhenTheLeaderDies",
        "NOTHING_IS_TRUNCATED, anOldLeaderTruncatesWhatDivergedAndBothLogsEndIdentical",
        "THE_LEADER_DOES_NOT_COMPARE_LOGS, anOldLeaderTruncatesWhatDivergedAndBothLogsEndIdentical",
        "THE_LEADER_DOES_NOT_COMPARE_LOGS, severalForeignEpochsAreTruncatedStepByStep"
    })
    void failsWithoutItsProtection(Mutation mutation, String story) {
        MutatedCode code = new MutatedCode(mutation);
        assertThat(code.run(STORIES, story, directory)).isInstanceOf(AssertionError.class);
        assertThat(code.isApplied())
                .as("there is such code: %s", mutation.edits)
                .isTrue();
    }
}
