package io.millrace.broker.replication;

import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What became of a leader's answer in a follower.
 *
 * @param next where to go on; null when the partition no longer follows that leader in that epoch
 * @param error why the answer could not be taken; the same may be asked again later
 */
record FollowerStep(@Nullable FetchPosition next, Errors error) {

    static final FollowerStep STOP = new FollowerStep(null, Errors.NONE);
}
