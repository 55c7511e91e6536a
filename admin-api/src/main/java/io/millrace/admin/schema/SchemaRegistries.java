package io.millrace.admin.schema;

import io.millrace.admin.cluster.Clusters;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The registry of each cluster that has one. */
@Component
public final class SchemaRegistries implements DisposableBean {
    private final Map<String, SchemaRegistry> byCluster = new HashMap<>();

    SchemaRegistries(SchemaRegistryProperties properties, Clusters clusters) {
        properties.schemaRegistry().forEach((clusterId, registry) -> {
            if (!clusters.ids().contains(clusterId)) {
                throw new IllegalArgumentException("millrace.schema-registry names the cluster '" + clusterId
                        + "', which is not there; configured are: " + String.join(", ", clusters.ids()));
            }
            byCluster.put(clusterId, new SchemaRegistry(new RegistryClient(registry)));
        });
    }

    public PayloadDecoder of(String clusterId) {
        SchemaRegistry registry = byCluster.get(clusterId);
        return registry == null ? PayloadDecoder.NONE : registry;
    }

    @Override
    public void destroy() {
        byCluster.values().forEach(SchemaRegistry::close);
    }
}
