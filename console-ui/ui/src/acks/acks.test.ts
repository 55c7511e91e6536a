import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { combinations, micros, verdictOf } from './acks';

const run = {
  topic: 'twin', acks: 'all', minInsyncReplicas: 2, replicationFactor: 3, inSyncReplicasBefore: 3, inSyncReplicasAfter: 3, sent: 10, acknowledged: 10, failures: {} as Record<string, number>, found: 10, lost: 0, unreadable: 0, duplicates: 0, durationMs: '100',
  latency: { p50Micros: '1', p95Micros: '1', p99Micros: '1', maxMicros: '1', buckets: [] },
};

describe('the acks lab', () => {
  it('varies min.insync.replicas for acks=all alone', () => {
    expect(combinations(['0', '1', 'all'], [1, 2, 3])).toEqual([
      { acks: '0', minInsyncReplicas: 1 }, { acks: '1', minInsyncReplicas: 1 },
      { acks: 'all', minInsyncReplicas: 1 }, { acks: 'all', minInsyncReplicas: 2 }, { acks: 'all', minInsyncReplicas: 3 },
    ]);
    expect(combinations(['all'], [])).toEqual([]);
  });

  it('writes times as people read them', () => {
    expect([950, 1_500, 42_000, 2_500_000].map(micros)).toEqual(['950 µs', '1.5 ms', '42 ms', '2.5 s']);
  });

  it('says what a run shows', () => {
    expect(verdictOf(run, en.acks)).toBe(en.acks.promise.all);
    expect(verdictOf({ ...run, acknowledged: 0, failures: { NOT_ENOUGH_REPLICAS: 10 }, inSyncReplicasBefore: 1 }, en.acks)).toBe('Refused: 2 replicas must be in sync, 1 are.');
    expect(verdictOf({ ...run, acks: '1', lost: 3 }, en.acks)).toBe('3 records were acknowledged with acks=1 and are gone.');
    expect(verdictOf({ ...run, acks: '1', minInsyncReplicas: 3, inSyncReplicasAfter: 2, unreadable: 10 }, en.acks)).toBe('10 records were acknowledged, but nobody may read them before 3 replicas are in sync; 2 are.');
    expect(verdictOf({ ...run, acknowledged: 7 }, en.acks)).toContain('3 records were not acknowledged');
  });
});
