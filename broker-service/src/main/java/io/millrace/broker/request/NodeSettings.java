package io.millrace.broker.request;

import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The node's configuration as DescribeConfigs shows it.
 *
 * @param definitions every key of a node
 * @param values what holds, by key: given or default
 * @param given what was set at start, as written
 */
public record NodeSettings(ConfigDef definitions, Map<String, Object> values, Map<String, String> given) {}
