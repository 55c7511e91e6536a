package io.millrace.broker.cluster;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.QuorumController;
import org.apache.kafka.controller.QuorumFeatures;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.metadata.KafkaConfigSchema;
import org.apache.kafka.metadata.bootstrap.BootstrapDirectory;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.policy.AlterConfigPolicy;
import org.apache.kafka.server.policy.CreateTopicPolicy;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Kafka's own controller on this node, active or standing by, and the APIs that it serves. */
final class ControllerEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerEngine.class);

    private final QuorumController controller;
    private final BrokerFencing fencing;
    private final BrokerConnections connections;
    private final ControllerApis apis = new ControllerApis();

    /** Builds the controller, which takes part in the quorum of {@code engine} at once. */
    ControllerEngine(
            ClusterConfig config,
            ClusterSettings settings,
            QuorumEngine engine,
            ClusterTimer timer,
            Supplier<MetadataImage> image,
            FatalFault faults)
            throws IOException {
        this.controller = build(config, settings, engine, faults);
        this.fencing = new BrokerFencing(controller, image, timer);
        this.connections = new BrokerConnections(controller, image, fencing);
        new TopicApis(controller).register(apis);
        apis.serve(ApiKeys.DELETE_TOPICS, new TopicDeletionApi(controller, settings.deleteTopicEnable()));
        new ConfigApis(controller).register(apis);
        new MembershipApis(controller, settings, connections).register(apis);
        new SettingsApis(controller, settings).register(apis);
        new QuorumApis(engine).register(apis);
        apis.serve(ApiKeys.DESCRIBE_CLUSTER, new DescribeControllersApi(config, engine, image));
        apis.serve(ApiKeys.ENVELOPE, new EnvelopeApi(apis));
    }

    private static QuorumController build(
            ClusterConfig config, ClusterSettings settings, QuorumEngine engine, FatalFault faults) throws IOException {
        try {
            int nodeId = config.nodeId();
            return new QuorumController.Builder(nodeId, config.clusterId())
                    .setTime(Time.SYSTEM)
                    .setThreadNamePrefix("kafka-" + nodeId + "-controller-")
                    .setLogContext(new LogContext("[controller " + nodeId + "] "))
                    .setConfigSchema(schema(config))
                    .setRaftClient(engine.raft())
                    .setQuorumFeatures(new QuorumFeatures(
                            nodeId,
                            QuorumFeatures.defaultSupportedFeatureMap(settings.unstableFeatures()),
                            List.copyOf(
                                    QuorumConfig.parseVoterIds(settings.quorum().voters()))))
                    .setDefaultReplicationFactor(settings.defaultReplicationFactor())
                    .setDefaultNumPartitions(settings.defaultNumPartitions())
                    .setSessionTimeoutNs(TimeUnit.MILLISECONDS.toNanos(settings.sessionTimeoutMs()))
                    .setLeaderImbalanceCheckIntervalNs(settings.leaderImbalanceCheckNs())
                    .setMaxIdleIntervalNs(settings.maxIdleIntervalNs())
                    .setUncleanLeaderElectionCheckIntervalMs(settings.uncleanElectionCheckMs())
                    .setCreateTopicPolicy(Optional.ofNullable(settings.brokerDefaults()
                            .getConfiguredInstance("create.topic.policy.class.name", CreateTopicPolicy.class)))
                    .setAlterConfigPolicy(Optional.ofNullable(settings.brokerDefaults()
                            .getConfiguredInstance("alter.config.policy.class.name", AlterConfigPolicy.class)))
                    .setConfigurationValidator(
                            new ResourceConfigValidator(config.topicDefaults(), settings.brokerDefaults()))
                    .setStaticConfig(Map.copyOf(settings.brokerDefaults().originals()))
                    .setBootstrapMetadata(
                            new BootstrapDirectory(config.metadataLogDir().toString()).read())
                    .setFatalFaultHandler(EngineFault.fatal("controller", faults))
                    .setNonFatalFaultHandler(EngineFault.logged("controller"))
                    .build();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(
                    "the controller of node " + config.nodeId() + " could not be opened: " + e.getMessage(), e);
        }
    }

    /** Kafka's definitions of broker and topic keys: the controller derives defaults and secrecy from them. */
    private static KafkaConfigSchema schema(ClusterConfig config) {
        return new KafkaConfigSchema(
                Map.of(
                        ConfigResource.Type.BROKER,
                        new ConfigDef(config.definitions()),
                        ConfigResource.Type.TOPIC,
                        LogConfig.configDefCopy()),
                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS);
    }

    ControllerApis apis() {
        return apis;
    }

    BrokerConnections connections() {
        return connections;
    }

    BrokerFencing fencing() {
        return fencing;
    }

    @Override
    public void close() {
        fencing.ceaseToLead();
        controller.beginShutdown();
        try {
            controller.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("interrupted while the controller was closing");
        }
    }
}
