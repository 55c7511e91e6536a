import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, call } from '../api/client';
import { type GroupEvent, merge } from './timeline';

/** A group's story of the last minutes, kept fresh: new events come by server-sent events, the verdict follows them. */
export function useRebalances(cluster: string, group: string, minutes: number) {
  const [live, setLive] = useState<GroupEvent[]>([]);
  const [connected, setConnected] = useState(false);
  const history = useQuery({
    queryKey: ['rebalances', cluster, group, minutes],
    queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/rebalances', { params: { path: { clusterId: cluster, groupId: group }, query: { minutes } } })),
    // Events keep it fresh; this is for when they cannot come.
    refetchInterval: 30_000,
  });
  const { refetch } = history;
  useEffect(() => {
    setLive([]);
    const source = new EventSource(`/api/v1/clusters/${encodeURIComponent(cluster)}/rebalances:tail?groupId=${encodeURIComponent(group)}`);
    let timer = 0;
    source.addEventListener('ready', () => setConnected(true));
    source.addEventListener('events', (event: MessageEvent<string>) => {
      const { items } = JSON.parse(event.data) as { items: GroupEvent[] };
      setLive((known) => merge(known, items));
      window.clearTimeout(timer);
      // A rebalance is several events: the verdict is asked for when they have settled.
      timer = window.setTimeout(() => void refetch(), 400);
    });
    source.addEventListener('error', () => setConnected(false));
    return () => {
      window.clearTimeout(timer);
      source.close();
    };
  }, [cluster, group, refetch]);
  const since = Date.now() - minutes * 60_000;
  const events = merge(history.data?.events ?? [], live).filter((event) => Date.parse(event.at) >= since);
  return { history, events, connected };
}
