import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, call, type Schema } from '../api/client';

export type ClusterEvent = Schema['ClusterEvent'];
const kept = 100;

/** Both lists without doubles, the newest first. */
export function newestFirst(...lists: ClusterEvent[][]): ClusterEvent[] {
  const known = new Map(lists.flat().map((event) => [event.sequence, event]));
  return [...known.values()].sort((a, b) => b.at.localeCompare(a.at) || Number(b.sequence) - Number(a.sequence)).slice(0, kept);
}

/** What happened in the cluster, kept fresh by server-sent events. */
export function useTicker(cluster: string) {
  const [live, setLive] = useState<ClusterEvent[]>([]);
  const history = useQuery({
    queryKey: ['events', cluster],
    refetchInterval: 30_000,
    queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/events', { params: { path: { clusterId: cluster }, query: { limit: kept } } })),
  });
  useEffect(() => {
    setLive([]);
    const source = new EventSource(`/api/v1/clusters/${encodeURIComponent(cluster)}/events:tail`);
    source.addEventListener('events', (event: MessageEvent<string>) => {
      const { items } = JSON.parse(event.data) as { items: ClusterEvent[] };
      setLive((known) => newestFirst(items, known));
    });
    return () => source.close();
  }, [cluster]);
  return { history, events: newestFirst(live, history.data?.items ?? []) };
}
