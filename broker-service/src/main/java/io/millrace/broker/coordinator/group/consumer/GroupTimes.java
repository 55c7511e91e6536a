package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.group.GroupConfig;
import java.util.Map;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

/**
 * The times of one group: its own (configuration resource GROUP) where it has them, else the cluster's, else the broker's.
 *
 * @param imageOffset the image that says so
 */
record GroupTimes(long imageOffset, int sessionTimeoutMs, int heartbeatIntervalMs, int assignmentIntervalMs) {

    static GroupTimes of(GroupConfig.Consumer config, ClusterImage image, String groupId) {
        Map<String, String> own = image.configOverrides(new ConfigResource(ConfigResource.Type.GROUP, groupId));
        String assignment =
                own.get(org.apache.kafka.coordinator.group.GroupConfig.CONSUMER_ASSIGNMENT_INTERVAL_MS_CONFIG);
        if (assignment == null) {
            assignment = image.configOverrides(new ConfigResource(ConfigResource.Type.BROKER, ""))
                    .get(GroupCoordinatorConfig.CONSUMER_GROUP_ASSIGNMENT_INTERVAL_MS_CONFIG);
        }
        return new GroupTimes(
                image.offset(),
                config.session()
                        .forGroup(own.get(
                                org.apache.kafka.coordinator.group.GroupConfig.CONSUMER_SESSION_TIMEOUT_MS_CONFIG)),
                config.heartbeat()
                        .forGroup(own.get(
                                org.apache.kafka.coordinator.group.GroupConfig.CONSUMER_HEARTBEAT_INTERVAL_MS_CONFIG)),
                config.assignment().forGroup(assignment));
    }
}
