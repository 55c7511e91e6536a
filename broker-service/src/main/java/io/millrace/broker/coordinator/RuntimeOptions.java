package io.millrace.broker.coordinator;

import org.apache.kafka.common.compress.Compression;

/**
 * How a coordinator uses its internal topic.
 *
 * @param commitTimeoutMs how long an append may wait for the in-sync replicas before its requests are refused
 * @param loadBufferSizeBytes bytes read at a time while loading
 * @param compression of the batches that are written
 */
public record RuntimeOptions(long commitTimeoutMs, int loadBufferSizeBytes, Compression compression) {}
