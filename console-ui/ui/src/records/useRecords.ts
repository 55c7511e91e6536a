import { useCallback, useEffect, useRef, useState } from 'react';
import type { Schema } from '../api/client';
import { eventsOf } from '../api/events';

export type RecordItem = Schema['RecordView'];

/** An event of the tail; server-sent events have no place in the OpenAPI document. */
interface TailBatch {
  items: RecordItem[];
  scanned: string;
  matched: string;
}

export interface Seek {
  from: 'NEWEST' | 'OLDEST' | 'OFFSET' | 'TIME';
  partition?: number;
  offset?: string;
  time?: string;
  until?: string;
  q: string;
  cel: string;
}

export interface ScanState {
  items: RecordItem[];
  running: boolean;
  scanned: number;
  remaining: number;
  next: string | undefined;
  skipped: number;
  error: Error | null;
}

const idle: ScanState = { items: [], running: false, scanned: 0, remaining: 0, next: undefined, skipped: 0, error: null };
const pageSize = 200;
const tailKeeps = 2_000;
const tailEveryMs = 250;

/** Looks through a topic until enough is found, everything was seen, or somebody stops it: then the connection is closed, and the search with it. */
export function useRecords(cluster: string, topic: string, seek: Seek, live: boolean) {
  // A topic is being looked through from the first moment on: it must not seem empty before anybody looked.
  const [state, setState] = useState<ScanState>({ ...idle, running: true });
  const looking = useRef<AbortController>(new AbortController());
  const { from, partition, offset, time, until, q, cel } = seek;

  const scan = useCallback(async (cursor: string | undefined, already: ScanState) => {
    looking.current.abort();
    const mine = looking.current = new AbortController();
    let current: ScanState = { ...already, running: true, error: null };
    setState(current);
    const query = new URLSearchParams({ from, q, cel, limit: String(pageSize) });
    for (const [name, value] of Object.entries({ partition, offset, time, until, cursor })) if (value !== undefined) query.set(name, String(value));
    const url = `/api/v1/clusters/${encodeURIComponent(cluster)}/topics/${encodeURIComponent(topic)}/records:search?${query}`;
    try {
      for await (const page of eventsOf<Schema['RecordPage']>(url, 'page', mine.signal)) {
        if (mine.signal.aborted) return;
        current = { ...current, items: [...current.items, ...page.items], scanned: current.scanned + Number(page.scanned), remaining: Number(page.remaining), next: page.next };
        setState(current);
      }
      setState({ ...current, running: false });
    } catch (error) {
      if (!mine.signal.aborted) setState({ ...current, running: false, error: error as Error });
    }
  }, [cluster, topic, from, partition, offset, time, until, q, cel]);

  const restart = useCallback(() => void scan(undefined, idle), [scan]);

  const stop = useCallback(() => {
    looking.current.abort();
    setState((old) => ({ ...old, running: false }));
  }, []);

  const more = useCallback(() => {
    setState((old) => {
      if (old.running || !old.next) return old;
      queueMicrotask(() => void scan(old.next, old));
      return { ...old, running: true };
    });
  }, [scan]);

  useEffect(() => {
    if (live) return;
    restart();
    return () => looking.current.abort();
  }, [live, restart]);

  useEffect(() => {
    if (!live) return;
    setState({ ...idle, running: true });
    const query = new URLSearchParams({ q, cel });
    if (partition !== undefined) query.set('partition', String(partition));
    const source = new EventSource(`/api/v1/clusters/${encodeURIComponent(cluster)}/topics/${encodeURIComponent(topic)}/records:tail?${query}`);
    // Batches are gathered: nobody reads faster, and a fast topic leaves the page its frames on a slow machine too.
    let pending: RecordItem[] = [];
    let counted = { scanned: 0, skipped: 0 };
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.addEventListener('records', (event: MessageEvent<string>) => {
      const batch = JSON.parse(event.data) as TailBatch;
      pending = [...batch.items.toReversed(), ...pending].slice(0, tailKeeps);
      counted = { scanned: counted.scanned + Number(batch.scanned), skipped: counted.skipped + Number(batch.matched) - batch.items.length };
      timer ||= setTimeout(() => {
        timer = undefined;
        const [items, sums] = [pending, counted];
        pending = [];
        counted = { scanned: 0, skipped: 0 };
        setState((old) => ({ ...old, items: [...items, ...old.items].slice(0, tailKeeps), scanned: old.scanned + sums.scanned, skipped: old.skipped + sums.skipped }));
      }, tailEveryMs);
    });
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [live, cluster, topic, partition, q, cel]);

  return { state, restart, stop, more };
}
