package io.millrace.broker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The walls between the broker's rooms, as docs/ARCHITECTURE.md draws them: a package imports only from rows below its own. */
class LayersTest {

    private static final String ROOT = "io.millrace.broker";

    /** Rows from the bottom; packages of one row are strangers to each other. Sub-packages belong to their room. */
    private static final List<List<String>> ROWS = List.of(
            List.of("protocol", "config", "telemetry", "runtime"),
            List.of("network", "log", "security", "quota"),
            List.of("cluster"),
            List.of("replication"),
            List.of("coordinator"),
            List.of("request"),
            List.of("boot"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    static List<String> rooms() {
        return ROWS.stream().flatMap(List::stream).toList();
    }

    /** Row 0 has no order of its own: protocol may use runtime's types and config may use both. */
    private static List<String> forbiddenFor(String room) {
        List<String> forbidden = new ArrayList<>();
        boolean above = false;
        for (List<String> row : ROWS) {
            boolean own = row.contains(room);
            if (above || (own && !row.contains("runtime"))) {
                row.stream().filter(other -> !other.equals(room)).forEach(forbidden::add);
            }
            above |= own;
        }
        return forbidden.stream().map(other -> ROOT + "." + other + "..").toList();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomImportsOnlyFromRowsBelowIt(String room) {
        List<String> forbidden = forbiddenFor(room);
        if (forbidden.isEmpty()) {
            return; // the topmost row may use everything
        }
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden.toArray(String[]::new))
                .because("a package imports only from rows below it; declare an interface here and register it in boot")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void nettyStaysInNetwork() {
        only(
                "network",
                "io.netty..",
                "Netty stays inside network, which could then be replaced without touching another room");
    }

    @Test
    void springStaysInBoot() {
        only("boot", "org.springframework..", "the broker's rooms are plain Java; boot wires them");
    }

    @Test
    void kafkaEngineStaysInCluster() {
        noClasses()
                .that(not(resideInAnyPackage(ROOT + ".cluster..", "org.apache.kafka..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.apache.kafka.raft..",
                        "org.apache.kafka.controller..",
                        "org.apache.kafka.image..",
                        "org.apache.kafka.metadata.."))
                .because("Kafka's engine is internal to Kafka: an upgrade must touch one package")
                .check(withoutConfigDefinitions());
    }

    @Test
    void micrometerStaysInMetricsClasses() {
        noClasses()
                .that(not(nameMatching(".*Metrics(\\$.*)?")))
                .and(not(resideInAPackage(ROOT + ".telemetry..")))
                .and(not(resideInAPackage(ROOT + ".boot..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.micrometer..")
                .because("a class named …Metrics is where to look for a room's metrics")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    private static void only(String room, String library, String reason) {
        noClasses()
                .that(not(resideInAPackage(ROOT + "." + room + "..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because(reason)
                .check(CLASSES);
    }

    /** {@code config} reads the definitions of the engine's keys, which are part of its public surface. */
    private static JavaClasses withoutConfigDefinitions() {
        return CLASSES.that(not(resideInAPackage(ROOT + ".config..")));
    }
}
