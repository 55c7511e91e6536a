import type { Schema } from '../api/client';
import { useText } from '../i18n';
import { Badge } from '../ui/parts';

/** Says so where producers with acks=all are refused for now. */
export function UnderMinIsr({ state }: { state: Schema['PartitionState'] }) {
  const text = useText();
  if (state.minInSyncReplicas === undefined || state.isr.length >= state.minInSyncReplicas) return null;
  return <span title={text.topics.underMinHint}><Badge tone="bad">{text.topics.underMin(state.isr.length, state.minInSyncReplicas)}</Badge></span>;
}
