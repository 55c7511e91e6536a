package io.millrace.admin.schema;

import java.net.URI;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which cluster's payloads are described by which Schema Registry, under {@code millrace.schema-registry.}: by the cluster's id.
 */
@ConfigurationProperties("millrace")
record SchemaRegistryProperties(@DefaultValue Map<String, Registry> schemaRegistry) {

    /**
     * One registry.
     *
     * @param user for HTTP basic authentication; empty for none
     */
    record Registry(
            String url,
            @DefaultValue("") String user,
            @DefaultValue("") String password) {
        Registry {
            String scheme = URI.create(url).getScheme();
            if (!"http".equals(scheme) && !"https".equals(scheme)) {
                throw new IllegalArgumentException("millrace.schema-registry has the url '" + url
                        + "'; it begins with http:// or https://, for example http://localhost:8081");
            }
        }

        /** Without the password. */
        @Override
        public String toString() {
            return url + (user.isEmpty() ? "" : " as " + user);
        }
    }
}
