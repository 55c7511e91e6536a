package io.millrace.broker.coordinator.group;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.LoggerFactory;

/**
 * What the property tests of groups have in common: histories by seed, and what befalls a coordinator's log. The seed of a failing history is
 * in its message; {@code -Dseeds=N} sets how many are played, {@code -Dseeds.from=M} which is the first, {@code -Dseed=N} plays one and logs.
 */
final class RandomHistories {
    private static final String COORDINATOR = "io.millrace.broker.coordinator";

    private RandomHistories() {}

    static void play(int count, LongConsumer history) {
        Long one = Long.getLong("seed");
        ((Logger) LoggerFactory.getLogger(COORDINATOR)).setLevel(one == null ? Level.OFF : Level.INFO);
        long from = one == null ? Long.getLong("seeds.from", 0) : one;
        long to = from + (one == null ? Integer.getInteger("seeds", count) : 1);
        for (long seed = from; seed < to; seed++) {
            try {
                history.accept(seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("failed with -Dseed=" + seed, e);
            }
        }
    }

    static ConsumerGroupDescribeResponseData.DescribedGroup describeConsumer(GroupBench bench, String group) {
        var request = new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group));
        var future = bench.coordinator.consumerGroupDescribe(GroupBench.client("", 1), request);
        bench.simulation.settle();
        return future.join().groups().getFirst();
    }

    static DescribeGroupsResponseData.DescribedGroup describeClassic(GroupBench bench, String group) {
        var future = bench.coordinator.describeGroups(
                GroupBench.client("", 6), new DescribeGroupsRequestData().setGroups(List.of(group)));
        bench.simulation.settle();
        return future.join().groups().getFirst();
    }

    /** The coordinator's log in trouble: appends that are refused or not committed, leadership that moves. */
    static final class Trouble {
        private final GroupBench bench;
        private final SplittableRandom random;
        private boolean held;

        Trouble(GroupBench bench, SplittableRandom random) {
            this.bench = bench;
            this.random = random;
        }

        /** Whether nothing is committed for now: what members were told before may not be all that is decided. */
        boolean isHeld() {
            return held;
        }

        void refuseNextAppend() {
            if (!held) {
                bench.log.failNextAppend(Errors.NOT_ENOUGH_REPLICAS);
            }
        }

        void hold() {
            held = true;
            bench.log.holdHighWatermark();
        }

        void release() {
            held = false;
            bench.log.releaseHighWatermark();
        }

        /** Another broker takes over, once in so many times; whether it did. */
        boolean failOverOnceIn(int times) {
            if (random.nextInt(times) != 0) {
                return false;
            }
            release();
            bench.failOver();
            bench.simulation.settle();
            return true;
        }

        void end() {
            release();
            bench.log.failNextAppend(Errors.NONE);
        }
    }
}
