package io.millrace.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

class VersionGateTest {

    @Test
    void oldVersionsLoseWhatTheyDoNotHave() {
        ListOffsetsPartitionResponse partition =
                new ListOffsetsPartitionResponse().setOffset(7).setLeaderEpoch(3);
        ListOffsetsResponseData response = new ListOffsetsResponseData()
                .setThrottleTimeMs(5)
                .setTopics(List.of(new ListOffsetsTopicResponse().setName("t").setPartitions(List.of(partition))));
        assertThatThrownBy(() -> MessageUtil.toByteBufferAccessor(response, (short) 1))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessageContaining("leaderEpoch");
        VersionGate.trim(response, (short) 1);
        assertThat(MessageUtil.toByteBufferAccessor(response, (short) 1)
                        .buffer()
                        .hasRemaining())
                .isTrue();
        assertThat(partition.offset()).isEqualTo(7);
        assertThat(partition.leaderEpoch()).isEqualTo(-1);
    }

    @Test
    void newVersionsLoseNothing() {
        ListOffsetsPartitionResponse partition = new ListOffsetsPartitionResponse().setLeaderEpoch(3);
        ListOffsetsResponseData response = new ListOffsetsResponseData()
                .setThrottleTimeMs(5)
                .setTopics(List.of(new ListOffsetsTopicResponse().setName("t").setPartitions(List.of(partition))));
        VersionGate.trim(response, (short) 4);
        assertThat(partition.leaderEpoch()).isEqualTo(3);
        assertThat(response.throttleTimeMs()).isEqualTo(5);
    }

    @Test
    void anotherFormOfTheAnswerIsNotForgottenInSilence() {
        FindCoordinatorResponseData response = new FindCoordinatorResponseData()
                .setCoordinators(List.of(new FindCoordinatorResponseData.Coordinator().setKey("g")));
        VersionGate.trim(response, (short) 3);
        assertThatThrownBy(() -> MessageUtil.toByteBufferAccessor(response, (short) 3))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessageContaining("coordinators");
    }

    @Test
    void everyResponseWithAllItsValuesCanBeWrittenInEveryVersion() throws ReflectiveOperationException {
        List<String> refused = new ArrayList<>();
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) {
                continue;
            }
            for (short version = api.oldestVersion(); version <= api.latestVersion(); version++) {
                ApiMessage response = api.messageType.newResponse();
                fill(response);
                VersionGate.trim(response, version);
                try {
                    MessageUtil.toByteBufferAccessor(response, version);
                } catch (UnsupportedVersionException e) {
                    refused.add(api + " v" + version + ": " + e.getMessage());
                }
            }
        }
        assertThat(refused).isEmpty();
    }

    @Test
    void linkedCollectionsKeepAllTheirElements() {
        for (short version : ApiKeys.METADATA.allVersions()) {
            MetadataResponseData response = new MetadataResponseData();
            for (int i = 0; i < 3; i++) {
                response.brokers().add(new MetadataResponseBroker().setNodeId(i));
                response.topics().add(new MetadataResponseTopic().setName("topic-" + i));
            }
            VersionGate.trim(response, version);
            assertThat(response.brokers())
                    .extracting(MetadataResponseBroker::nodeId)
                    .containsExactly(0, 1, 2);
            assertThat(response.topics()).hasSize(3);
        }
    }

    /** Sets every single value, in the message itself, to something that is not its default. */
    private static void fill(Object message) throws ReflectiveOperationException {
        for (Field field : message.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("_")) {
                continue;
            }
            field.setAccessible(true);
            Class<?> type = field.getType();
            if (type == int.class || type == long.class || type == short.class || type == byte.class) {
                field.set(message, number(type));
            } else if (type == boolean.class) {
                field.set(message, !field.getBoolean(message));
            } else if (type == String.class) {
                field.set(message, "value");
            } else if (type == Uuid.class) {
                field.set(message, new Uuid(1, 2));
            }
        }
    }

    private static Object number(Class<?> type) {
        if (type == int.class) {
            return 77;
        }
        if (type == long.class) {
            return 77L;
        }
        return type == short.class ? (Object) (short) 77 : (Object) (byte) 77;
    }
}
