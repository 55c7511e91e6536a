package io.millrace.admin.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each file of {@code rebalance/} is a journal and, above it, what is to be said of it: the sentence, then the advice as
 * {@code setting=value}.
 */
class RebalanceVerdictTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static List<Path> journals() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/rebalance"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("journals")
    void saysWhyAndWhatToChange(Path file) throws IOException {
        List<String> expected = new ArrayList<>();
        List<GroupEvent> events = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("# ")) expected.add(line.substring(2));
            else events.add(JournalRecords.read("e" + events.size(), JSON.readTree(line)));
        }
        String group = events.isEmpty() ? "shop" : events.getFirst().groupId();
        Verdict verdict = RebalanceVerdict.of(group, events);
        List<String> said = new ArrayList<>(List.of(verdict.sentence()));
        verdict.advice().forEach(advice -> said.add(advice.setting() + "=" + advice.value()));
        assertThat(said).isEqualTo(expected);
    }

    @Test
    void whereNobodyToldItSaysThatItCannotKnow() {
        GroupEvent look = JournalRecords.read(
                        "look",
                        JSON.readTree(
                                "{\"type\":\"Assigned\",\"groupId\":\"shop\",\"atMs\":5,\"partitions\":{\"a\":[\"t-0\"]}}"))
                .withCause(GroupEvent.UNKNOWN);
        Verdict verdict = RebalanceVerdict.of("shop", List.of(look, look));
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.UNKNOWN);
        assertThat(verdict.sentence())
                .isEqualTo(
                        "shop rebalanced twice in 0 ms; why cannot be told, because this cluster keeps no group journal.");
        assertThat(verdict.unknown()).isNotEmpty();
    }

    @Test
    void aRebalanceHasItsDurationItsCulpritAndItsLongestStandstill() {
        List<GroupEvent> events = Stream.of(
                        "{'type':'MemberJoined','groupId':'g','atMs':1000,'generation':1,'member':{'memberId':'m2','clientId':'two','clientHost':'/h'}}",
                        "{'type':'RebalanceStarted','groupId':'g','atMs':1000,'generation':1,'cause':'MEMBER_JOINED','memberId':'m2'}",
                        "{'type':'GenerationBegun','groupId':'g','atMs':3000,'generation':2,'members':2,'joinMs':2000,'lastToJoin':'m1'}",
                        "{'type':'Assigned','groupId':'g','atMs':3100,'generation':2,'durationMs':2100,'partitions':{'m1':['t-0'],'m2':['t-1']},'standstillMs':{'t-0':100,'t-1':2100}}")
                .map(text -> JournalRecords.read("e", JSON.readTree(text.replace('\'', '"'))))
                .toList();
        assertThat(Rebalance.in(events))
                .containsExactly(new Rebalance(
                        "g",
                        Instant.ofEpochMilli(1000),
                        Instant.ofEpochMilli(3100),
                        2100,
                        2,
                        "MEMBER_JOINED",
                        null,
                        "two",
                        "m1",
                        2,
                        2100));
    }
}
