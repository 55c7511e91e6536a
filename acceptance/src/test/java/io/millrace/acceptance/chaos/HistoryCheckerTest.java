package io.millrace.acceptance.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.chaos.History.Acknowledged;
import io.millrace.acceptance.chaos.History.Committed;
import io.millrace.acceptance.chaos.History.Event;
import io.millrace.acceptance.chaos.History.Read;
import io.millrace.acceptance.chaos.History.Resumed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histories that are wrong in one way each. */
class HistoryCheckerTest {

    private static final List<Read> LOG = List.of(read(0, "a-0", 1), read(1, "a-1", 1), read(2, "b-0", 2));
    private static final List<Event> HISTORY = List.of(
            new Resumed(0, 0),
            new Acknowledged(0, 0, "a-0"),
            new Acknowledged(0, 1, "a-1"),
            LOG.get(0),
            LOG.get(1),
            new Committed(0, 2),
            new Resumed(0, 2),
            LOG.get(2),
            new Committed(0, 3));

    private static Read read(long offset, String value, int leaderEpoch) {
        return new Read(0, offset, value, leaderEpoch);
    }

    private static List<String> check(List<Event> history, List<Read> log, long committed) {
        return HistoryChecker.check(history, Map.of(0, log), Map.of(0, committed));
    }

    private static List<Event> historyAnd(Event... more) {
        List<Event> all = new ArrayList<>(HISTORY);
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void aGoodOne() {
        assertThat(check(HISTORY, LOG, 3)).isEmpty();
    }

    @Test
    void anAcknowledgedRecordIsLost() {
        assertThat(check(historyAnd(new Acknowledged(0, 3, "b-1"), read(3, "b-1", 2)), LOG, 3))
                .hasSize(2)
                .allMatch(problem -> problem.endsWith("in the end there is null"));
    }

    @Test
    void anAcknowledgedRecordIsAtAnotherOffset() {
        assertThat(check(historyAnd(new Acknowledged(0, 1, "b-0")), LOG, 3))
                .singleElement()
                .asString()
                .contains("Acknowledged[partition=0, offset=1, value=b-0], but in the end there is");
    }

    @Test
    void aRecordIsThereTwice() {
        List<Read> log = new ArrayList<>(LOG);
        log.add(read(3, "b-0", 2));
        assertThat(check(HISTORY, log, 3)).singleElement().asString().startsWith("twice");
    }

    @Test
    void aProducersRecordsChangePlaces() {
        List<Read> log = List.of(read(0, "a-1", 1), read(1, "a-0", 1));
        assertThat(check(List.of(), log, 0)).singleElement().asString().startsWith("out of order");
    }

    @Test
    void aLeaderOfThePastAppends() {
        List<Read> log = List.of(read(0, "a-0", 2), read(1, "a-1", 1));
        assertThat(check(List.of(), log, 0)).singleElement().asString().startsWith("a leader of the past");
    }

    @Test
    void aConsumerHasSeenWhatIsNotThere() {
        assertThat(check(historyAnd(read(1, "x-0", 1)), LOG, 3))
                .singleElement()
                .asString()
                .startsWith("Read[partition=0, offset=1, value=x-0");
    }

    @Test
    void aCommittedOffsetIsLostInTheEnd() {
        assertThat(check(HISTORY, LOG, 2)).singleElement().asString().contains("offset 3 was committed");
    }

    @Test
    void aCommittedOffsetIsLostInBetween() {
        assertThat(check(historyAnd(new Resumed(0, 1)), LOG, 3))
                .singleElement()
                .asString()
                .contains("though 3 had been committed");
    }

    @Test
    void theGroupHasNeverReadARecord() {
        List<Event> history = List.of(new Acknowledged(0, 0, "a-0"));
        assertThat(check(history, LOG, 0)).singleElement().asString().contains("has never read it");
    }
}
