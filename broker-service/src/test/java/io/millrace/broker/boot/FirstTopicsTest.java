package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FirstTopicsTest {

    @Test
    void readsTheFormOfTheContainerImages() {
        var topics = FirstTopics.parse("Topic1:1:3,Topic2:1:1:compact,broken:x");

        assertThat(topics)
                .extracting(t -> t.name() + " " + t.numPartitions() + " " + t.replicationFactor())
                .containsExactly("Topic1 1 3", "Topic2 1 1");
        assertThat(topics.getLast().configs())
                .singleElement()
                .satisfies(config -> assertThat(config.value()).isEqualTo("compact"));
    }

    @Test
    void leavesToTheClusterWhatIsNotSaid() {
        assertThat(FirstTopics.parse("a")).singleElement().satisfies(topic -> {
            assertThat(topic.numPartitions()).isEqualTo(-1);
            assertThat(topic.replicationFactor()).isEqualTo((short) -1);
        });
    }
}
