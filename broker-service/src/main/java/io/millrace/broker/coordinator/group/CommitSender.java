package io.millrace.broker.coordinator.group;

import org.jspecify.annotations.Nullable;

/**
 * Who commits offsets to a group, as the request says.
 *
 * @param memberId empty for somebody who is no member
 * @param generation generation or member epoch; negative for somebody who is no member
 * @param transactional whether the commit belongs to a transaction
 * @param apiVersion of OffsetCommit, or of TxnOffsetCommit if transactional
 */
public record CommitSender(
        String memberId, @Nullable String instanceId, int generation, boolean transactional, short apiVersion) {}
