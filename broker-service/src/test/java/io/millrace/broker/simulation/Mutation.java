package io.millrace.broker.simulation;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.Consumer;

/** Production code broken on purpose: one method that begins with something else. Parameters are in the slots of the JVM. */
enum Mutation {
    NOTHING_IS_TRUNCATED(new Edit("FollowerLog", "truncate", CodeBuilder::return_)),

    THE_LEADER_DOES_NOT_COMPARE_LOGS(
            new Edit("Partition", "divergence", code -> code.aconst_null().areturn())),

    /** KIP-101's first story: what was acknowledged above the high watermark is cut off by a follower that starts again. */
    FOLLOWERS_TRUNCATE_TO_THEIR_HIGH_WATERMARK(new Edit(
            "FollowerLog",
            "begin",
            code -> code.aload(0)
                    .aload(0)
                    .getfield(in("FollowerLog"), "log", Names.LOG)
                    .invokevirtual(Names.LOG, "snapshot", MethodTypeDesc.of(Names.SNAPSHOT))
                    .invokevirtual(Names.SNAPSHOT, "highWatermark", MethodTypeDesc.of(ConstantDescs.CD_long))
                    .ldc("mutation")
                    .invokevirtual(
                            in("FollowerLog"),
                            "truncate",
                            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_String)))),

    FETCHES_OF_EARLIER_EPOCHS_COUNT(
            new Edit(
                    "Leadership",
                    "followerFetched",
                    code -> code.aload(0)
                            .getfield(in("Leadership"), "partition", in("Partition"))
                            .invokevirtual(in("Partition"), "role", MethodTypeDesc.of(in("Partition$Role")))
                            .invokevirtual(in("Partition$Role"), "leaderEpoch", MethodTypeDesc.of(ConstantDescs.CD_int))
                            .istore(2)),
            new Edit(
                    "Partition$Role",
                    "checkEpoch",
                    code -> code.getstatic(Names.ERRORS, "NONE", Names.ERRORS).areturn())),

    THE_HIGH_WATERMARK_IS_THE_LEADERS_END(
            new Edit("FollowersProgress", "smallestEnd", code -> code.lload(2).lreturn())),

    PROPOSED_MEMBERS_ARE_NOT_WAITED_FOR(new Edit(
            "IsrChanges",
            "maximal",
            code -> code.aload(1)
                    .invokevirtual(in("Partition$Role"), "isr", MethodTypeDesc.of(ConstantDescs.CD_List))
                    .areturn())),

    WHOEVER_FETCHES_MAY_JOIN_THE_ISR(
            new Edit("Leadership", "expandIsr", code -> code.ldc(Long.MAX_VALUE).lstore(3))),

    MIN_INSYNC_REPLICAS_IS_IGNORED(
            new Edit("Leadership", "underMinIsr", code -> code.iconst_0().ireturn())),

    ALL_IS_ACKNOWLEDGED_LIKE_ONE(
            new Edit("Leadership", "acknowledge", code -> code.iconst_0().istore(3))),

    CONSUMERS_SEE_WHAT_IS_NOT_ON_DISK(new Edit(
            "Leadership", "everythingWaitsForTheDisk", code -> code.iconst_0().ireturn())),

    NOTHING_WAITS_FOR_THE_DISK(
            new Edit(
                    "Leadership",
                    "everythingWaitsForTheDisk",
                    code -> code.iconst_0().ireturn()),
            new Edit(
                    "log.AppendResult$Appended",
                    "awaitsFlush",
                    code -> code.iconst_0().ireturn())),

    WHO_WAITED_IS_ACKNOWLEDGED_WHEN_LEADERSHIP_ENDS(new Edit(
            "PendingAcks",
            "failAll",
            code -> code.aload(0)
                    .ldc(Long.MAX_VALUE)
                    .getstatic(Names.ERRORS, "NONE", Names.ERRORS)
                    .aconst_null()
                    .invokevirtual(
                            in("PendingAcks"),
                            "complete",
                            MethodTypeDesc.of(
                                    ConstantDescs.CD_void,
                                    ConstantDescs.CD_long,
                                    Names.ERRORS,
                                    ConstantDescs.CD_String))
                    .return_())),

    EVERYBODY_LEADS(new Edit(
            "Partition",
            "leaderError",
            code -> code.aload(0)
                    .getfield(in("Partition"), "log", Names.LOG)
                    .ifThen(
                            Opcode.IFNONNULL,
                            open -> open.getstatic(Names.ERRORS, "NONE", Names.ERRORS)
                                    .areturn()))),

    CONSUMERS_SEE_WHAT_IS_NOT_COMMITTED(new Edit(
            "ReadLimit",
            "of",
            code -> code.aload(1)
                    .invokevirtual(Names.SNAPSHOT, "logEndOffset", MethodTypeDesc.of(ConstantDescs.CD_long))
                    .lreturn()));

    private static final class Names {
        static final String BROKER = "io.millrace.broker.";
        static final String PACKAGE = BROKER + "replication.";
        static final ClassDesc ERRORS = ClassDesc.of("org.apache.kafka.common.protocol.Errors");
        static final ClassDesc LOG = ClassDesc.of("io.millrace.broker.log.PartitionLog");
        static final ClassDesc SNAPSHOT = ClassDesc.of("io.millrace.broker.log.LogSnapshot");
    }

    private static ClassDesc in(String className) {
        return ClassDesc.of(Names.PACKAGE + className);
    }

    /** A method's new beginning; classes are those of replication, or named from the broker's package on. */
    record Edit(String className, String method, Consumer<CodeBuilder> beginning) {
        boolean isIn(String name) {
            return name.equals((className.contains(".") ? Names.BROKER : Names.PACKAGE) + className);
        }
    }

    final List<Edit> edits;

    Mutation(Edit... edits) {
        this.edits = List.of(edits);
    }
}
