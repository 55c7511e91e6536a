import type { Schema } from '../api/client';
import type { Text } from '../i18n/en';

type Run = Schema['AcksRun'];

export interface Setting {
  acks: string;
  minInsyncReplicas: number;
}

/** Every setting that differs: min.insync.replicas matters to acks=all alone. */
export function combinations(acks: readonly string[], minInsync: readonly number[]): Setting[] {
  if (minInsync.length === 0) return [];
  return acks.flatMap((one) => (one === 'all' ? minInsync : minInsync.slice(0, 1)).map((minInsyncReplicas) => ({ acks: one, minInsyncReplicas })));
}

/** Microseconds as people read them. */
export function micros(value: number): string {
  if (value < 1_000) return `${value} µs`;
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 10_000 ? 1 : 0)} ms`;
  return `${(value / 1_000_000).toFixed(1)} s`;
}

/** What this run shows, in one sentence. */
export function verdictOf(run: Run, words: Text['acks']): string {
  if (run.acknowledged === 0 && run.failures['NOT_ENOUGH_REPLICAS']) return words.refused(run.minInsyncReplicas, run.inSyncReplicasBefore);
  if (run.unreadable > 0) return words.unreadableNow(run.unreadable, run.minInsyncReplicas, run.inSyncReplicasAfter);
  if (run.lost > 0) return words.lostSome(run.lost, run.acks);
  if (run.acknowledged < run.sent) return words.someFailed(run.sent - run.acknowledged);
  return words.promise[run.acks as keyof Text['acks']['promise']];
}
