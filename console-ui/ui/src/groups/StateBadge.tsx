import { Badge } from '../ui/parts';

export function StateBadge({ state }: { state: string }) {
  const tone = state === 'Stable' ? 'good' : /Rebalanc|Assigning|Reconciling/i.test(state) ? 'warn' : state === 'Dead' ? 'bad' : 'neutral';
  return <Badge tone={tone}>{state}</Badge>;
}
