package io.millrace.broker.coordinator.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.jspecify.annotations.Nullable;

/** What a ConsumerGroupHeartbeat must look like before anybody asks which group it is for. */
public final class HeartbeatCheck {
    /** Since this version the member makes its own id. */
    private static final short OWN_MEMBER_ID_SINCE = 1;

    private HeartbeatCheck() {}

    /** Checks a request; what is wrong with it, or null. */
    public static @Nullable ApiException problem(
            ConsumerGroupHeartbeatRequestData request, short version, List<String> assignors) {
        if (request.groupId().isEmpty()) {
            return new InvalidRequestException("GroupId can't be empty.");
        }
        if (isEmpty(request.instanceId())) {
            return new InvalidRequestException("InstanceId can't be empty.");
        }
        if (isEmpty(request.rackId())) {
            return new InvalidRequestException("RackId can't be empty.");
        }
        boolean needsId = version >= OWN_MEMBER_ID_SINCE || request.memberEpoch() != 0;
        if (needsId && request.memberId().isEmpty()) {
            return new InvalidRequestException("MemberId can't be empty.");
        }
        if (request.memberEpoch() < ConsumerGroup.LEFT_FOR_NOW) {
            return new InvalidRequestException(
                    "MemberEpoch is %d, but must be greater than or equal to -2.".formatted(request.memberEpoch()));
        }
        if (request.memberEpoch() == ConsumerGroup.LEFT_FOR_NOW && request.instanceId() == null) {
            return new InvalidRequestException("InstanceId can't be null.");
        }
        if (request.memberEpoch() == 0) {
            ApiException problem = firstProblem(request);
            if (problem != null) {
                return problem;
            }
        }
        String assignor = request.serverAssignor();
        if (assignor != null && !assignors.contains(assignor)) {
            return new UnsupportedAssignorException("ServerAssignor " + assignor
                    + " is not supported. Supported assignors: " + String.join(", ", assignors) + ".");
        }
        return regexProblem(request.subscribedTopicRegex());
    }

    private static @Nullable ApiException firstProblem(ConsumerGroupHeartbeatRequestData request) {
        if (request.rebalanceTimeoutMs() == -1) {
            return new InvalidRequestException("RebalanceTimeoutMs must be provided in first request.");
        }
        if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
            return new InvalidRequestException("TopicPartitions must be empty when (re-)joining.");
        }
        if (request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null) {
            return new InvalidRequestException(
                    "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        }
        return null;
    }

    private static @Nullable ApiException regexProblem(@Nullable String regex) {
        if (regex == null || regex.isEmpty()) {
            return null;
        }
        try {
            Pattern _ = Pattern.compile(regex);
            return null;
        } catch (PatternSyntaxException e) {
            return new InvalidRegularExpression("SubscribedTopicRegex `" + regex
                    + "` is not a valid regular expression: " + e.getDescription() + ".");
        }
    }

    private static boolean isEmpty(@Nullable String text) {
        return text != null && text.isEmpty();
    }
}
