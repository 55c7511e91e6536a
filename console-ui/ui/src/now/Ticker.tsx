import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useText } from '../i18n';
import type { Text } from '../i18n/en';
import { Badge, Card, Empty, Failure, Loading } from '../ui/parts';
import { type ClusterEvent, useTicker } from './useTicker';

const tones: Record<ClusterEvent['kind'], 'neutral' | 'good' | 'warn' | 'bad' | 'accent'> = {
  TOPIC_CREATED: 'neutral', TOPIC_DELETED: 'neutral', PARTITIONS_ADDED: 'neutral', LEADER_CHANGED: 'accent', LEADER_LOST: 'bad', LEADER_BACK: 'good',
  ISR_SHRUNK: 'warn', ISR_EXPANDED: 'good', BROKER_DOWN: 'bad', BROKER_UP: 'good', CONTROLLER_CHANGED: 'accent', REBALANCE: 'accent', CHANGE: 'neutral',
};
const filters = { all: () => true, cluster: (event: ClusterEvent) => event.kind !== 'REBALANCE' && event.kind !== 'CHANGE', groups: (event: ClusterEvent) => event.kind === 'REBALANCE', changes: (event: ClusterEvent) => event.kind === 'CHANGE' };

/** One event as a sentence; what it happened to is a link where there is a page for it. */
export function sentence(event: ClusterEvent, text: Text): string {
  const words = text.ticker;
  const where = event.topic ? (event.partition === undefined ? event.topic : `${event.topic}-${event.partition}`) : '';
  switch (event.kind) {
    case 'REBALANCE': return words.rebalance(event.group ?? '', text.rebalances.causes[event.detail as keyof Text['rebalances']['causes']] ?? text.rebalances.causes.UNKNOWN);
    case 'CHANGE': return words.change(event.detail ?? '', event.after ?? '');
    case 'BROKER_DOWN': case 'BROKER_UP': case 'CONTROLLER_CHANGED': return words.broker[event.kind](String(event.broker ?? event.count));
    case 'PARTITIONS_ADDED': return event.before === undefined ? words.many.PARTITIONS_ADDED(event.count, where) : words.grown(where, event.before, event.after ?? '');
    default: return event.count > 1 ? words.many[event.kind](event.count, where) : words.one[event.kind](where, event.before ?? '', event.after ?? '');
  }
}

/** Topics that were deleted after all else that is told of them: there is nothing to look at any more. */
export function goneTopics(newestFirst: ClusterEvent[]): Set<string> {
  const last = new Map<string, ClusterEvent['kind']>();
  for (const event of newestFirst) {
    if (event.topic && (event.kind === 'TOPIC_CREATED' || event.kind === 'TOPIC_DELETED') && !last.has(event.topic)) last.set(event.topic, event.kind);
  }
  return new Set([...last].filter(([, kind]) => kind === 'TOPIC_DELETED').map(([topic]) => topic));
}

export function Ticker({ cluster }: { cluster: string }) {
  const text = useText();
  const { history, events } = useTicker(cluster);
  const [filter, setFilter] = useState<keyof typeof filters>('all');
  const shown = events.filter(filters[filter]);
  const gone = goneTopics(events);
  return (
    <Card title={text.ticker.title} flush actions={
      <div className="flex gap-1" role="group" aria-label={text.ticker.show}>
        {(Object.keys(filters) as (keyof typeof filters)[]).map((one) => (
          <button key={one} type="button" aria-pressed={filter === one} onClick={() => setFilter(one)} className={`rounded-md px-2 py-0.5 text-xs ${filter === one ? 'bg-accent-wash font-medium text-accent' : 'text-soft hover:bg-sunken'}`}>{text.ticker.filters[one]}</button>
        ))}
      </div>
    }>
      {history.isError && !history.data ? <Failure error={history.error} retry={() => void history.refetch()} />
        : !history.data && events.length === 0 ? <Loading rows={3} />
        : shown.length === 0 ? <Empty title={text.ticker.empty} hint={text.ticker.emptyHint} />
        : (
          <ol className="max-h-96 overflow-auto" tabIndex={0} aria-label={text.ticker.title} aria-live="polite" aria-relevant="additions">
            {shown.map((event) => (
              <li key={event.sequence} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 border-b border-line/60 px-4 py-2 last:border-0">
                <time className="shrink-0 text-soft tabular-nums" dateTime={event.at} title={new Date(event.at).toLocaleString()}>{new Date(event.at).toLocaleTimeString()}</time>
                <span className="w-32 shrink-0"><Badge tone={tones[event.kind]}>{text.ticker.kinds[event.kind]}</Badge></span>
                <span className="min-w-48 flex-1 wrap-anywhere">{sentence(event, text)}</span>
                {event.group && <Link to="/$cluster/rebalances" params={{ cluster }} search={{ group: event.group }} className="text-accent hover:underline" aria-label={`${text.ticker.why} ${event.group}`}>{text.ticker.why}</Link>}
                {event.topic && !gone.has(event.topic) && <Link to="/$cluster/topics/$topic" params={{ cluster, topic: event.topic }} search={{ tab: 'partitions' }} className="text-accent hover:underline" aria-label={`${text.ticker.look} ${event.topic}`}>{text.ticker.look}</Link>}
              </li>
            ))}
          </ol>
        )}
    </Card>
  );
}
