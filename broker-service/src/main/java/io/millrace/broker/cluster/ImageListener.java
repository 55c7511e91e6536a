package io.millrace.broker.cluster;

import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/** Upcall of the cluster package: told of every new image, in order, on the metadata loader's thread. Must return quickly. */
public interface ImageListener {

    void imageChanged(ImageChange change);

    /**
     * What differs between two images.
     *
     * @param changedTopics ids of topics that are new or have a partition that changed
     * @param deletedTopics ids of topics that were in {@code before} and are gone
     * @param changedConfigs resources whose overrides changed
     * @param brokersChanged whether any broker registered, went or changed its state
     */
    record ImageChange(
            ClusterImage before,
            ClusterImage after,
            Set<Uuid> changedTopics,
            Set<Uuid> deletedTopics,
            Set<ConfigResource> changedConfigs,
            boolean brokersChanged) {}
}
