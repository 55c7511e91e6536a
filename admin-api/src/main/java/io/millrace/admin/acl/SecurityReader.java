package io.millrace.admin.acl;

import io.millrace.admin.acl.Section.State;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.UserScramCredentialsDescription;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Asks the cluster; what it does not use, know or allow is a state of the answer, not a failure of the request. */
@Component
class SecurityReader {
    private final Clusters clusters;

    SecurityReader(Clusters clusters) {
        this.clusters = clusters;
    }

    /** Who may do what: one ACL. */
    record Acl(
            String principal,
            String permission,
            String operation,
            String resourceType,
            String resourceName,
            String patternType,
            String host) {
        static final Comparator<Acl> ORDER = Comparator.comparing(Acl::principal)
                .thenComparing(Acl::resourceType)
                .thenComparing(Acl::resourceName)
                .thenComparing(Acl::operation);

        static Acl of(AclBinding binding) {
            return new Acl(
                    binding.entry().principal(),
                    binding.entry().permissionType().name(),
                    binding.entry().operation().name(),
                    binding.pattern().resourceType().name(),
                    binding.pattern().name(),
                    binding.pattern().patternType().name(),
                    binding.entry().host());
        }
    }

    /** A user's way to log in; never the password, which no broker tells. */
    record ScramCredential(String mechanism, int iterations) {}

    record ScramUser(String name, List<ScramCredential> credentials) {}

    /**
     * Limits of clients.
     *
     * @param entity by type (user, client-id, ip); an absent value stands for all that have no quota of their own
     */
    record Quota(List<QuotaEntity> entity, Map<String, Double> limits) {}

    record QuotaEntity(String type, @Nullable String name) {}

    Section<Acl> acls(String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        return section(() -> cluster
                .await(cluster.admin().describeAcls(AclBindingFilter.ANY).values())
                .stream()
                .map(Acl::of)
                .sorted(Acl.ORDER)
                .toList());
    }

    Section<ScramUser> users(String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        return section(() -> cluster
                .await(cluster.admin().describeUserScramCredentials().all())
                .values()
                .stream()
                .map(SecurityReader::user)
                .sorted(Comparator.comparing(ScramUser::name))
                .toList());
    }

    private static ScramUser user(UserScramCredentialsDescription described) {
        return new ScramUser(
                described.name(),
                described.credentialInfos().stream()
                        .map(info -> new ScramCredential(info.mechanism().mechanismName(), info.iterations()))
                        .toList());
    }

    Section<Quota> quotas(String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        return section(() -> {
            List<Quota> quotas = new ArrayList<>();
            cluster.await(cluster.admin()
                            .describeClientQuotas(ClientQuotaFilter.all())
                            .entities())
                    .forEach((entity, limits) -> quotas.add(new Quota(entity(entity), new TreeMap<>(limits))));
            quotas.sort(Comparator.comparing(quota -> quota.entity().toString()));
            return quotas;
        });
    }

    private static List<QuotaEntity> entity(ClientQuotaEntity entity) {
        return new TreeMap<>(entity.entries())
                .entrySet().stream()
                        .map(part -> new QuotaEntity(part.getKey(), part.getValue()))
                        .toList();
    }

    private static <T> Section<T> section(Supplier<List<T>> read) {
        try {
            return Section.read(read.get());
        } catch (ApiException failure) {
            return switch (failure.code()) {
                case "KAFKA_SECURITY_DISABLED" -> Section.without(State.OFF, failure.detail());
                case "KAFKA_UNSUPPORTED_VERSION" -> Section.without(State.UNSUPPORTED, failure.detail());
                case "KAFKA_CLUSTER_AUTHORIZATION_FAILED" -> Section.without(State.DENIED, failure.detail());
                default -> throw failure;
            };
        }
    }
}
