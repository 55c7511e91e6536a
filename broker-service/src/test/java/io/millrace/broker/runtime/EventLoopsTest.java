package io.millrace.broker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.network.NettyEventLoops;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventLoopsTest {

    /** Every third: what one of three brokers leads. */
    @ParameterizedTest
    @CsvSource({"2, 12, 1", "2, 12, 3", "3, 12, 1", "3, 24, 3", "4, 12, 1", "4, 24, 3", "8, 24, 1", "8, 48, 3"})
    void partitionsOfATopicAreSpreadEvenly(int loopCount, int partitions, int apart) {
        try (NettyEventLoops netty = new NettyEventLoops(loopCount)) {
            EventLoops loops = netty.loops();
            for (int topic = 0; topic < 1000; topic++) {
                String name = "topic-" + topic;
                Map<EventLoop, Long> owned = IntStream.range(0, partitions)
                        .mapToObj(i -> loops.ownerOf(name, i * apart))
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
                assertThat(owned.values())
                        .as("partitions of %s a loop", name)
                        .hasSize(loopCount)
                        .allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(partitions / loopCount + 2));
            }
        }
    }
}
