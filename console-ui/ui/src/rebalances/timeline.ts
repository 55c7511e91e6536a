import type { Schema } from '../api/client';

type Detail = Schema['GroupDetail'];

/** Who owned what when one looked: partitions as "topic-0" → member id. */
export interface Look {
  at: number;
  state: string;
  owners: Map<string, string>;
  members: Map<string, string>;
}

export interface Change {
  at: number;
  kind: 'began' | 'joined' | 'left' | 'moved' | 'state';
  member?: string;
  count?: number;
  state?: string;
}

export interface Bar {
  partition: string;
  member: string | null;
  from: number;
  to: number | null;
}

export function lookAt(detail: Detail, at: number): Look {
  const owners = new Map<string, string>();
  const members = new Map<string, string>();
  for (const member of detail.members) {
    members.set(member.memberId, member.clientId);
    for (const one of member.assigned) owners.set(`${one.topic}-${one.partition}`, member.memberId);
  }
  for (const one of detail.partitions) {
    const key = `${one.topic}-${one.partition}`;
    if (!owners.has(key)) owners.set(key, '');
  }
  return { at, state: detail.group.state, owners, members };
}

/** What differs between two looks, in the order in which it must have happened. */
export function changes(before: Look | undefined, now: Look): Change[] {
  if (!before) return [{ at: now.at, kind: 'began' }];
  const result: Change[] = [];
  for (const [id, client] of before.members) if (!now.members.has(id)) result.push({ at: now.at, kind: 'left', member: client });
  for (const [id, client] of now.members) if (!before.members.has(id)) result.push({ at: now.at, kind: 'joined', member: client });
  if (before.state !== now.state) result.push({ at: now.at, kind: 'state', state: now.state });
  let moved = 0;
  for (const [partition, owner] of now.owners) if (owner !== '' && (before.owners.get(partition) ?? '') !== owner) moved++;
  if (moved > 0) result.push({ at: now.at, kind: 'moved', count: moved });
  return result;
}

/** Extends each partition's bar, or begins a new one where its owner changed. */
export function extend(bars: Bar[], now: Look): Bar[] {
  const open = new Map<string, Bar>();
  const result = bars.map((bar) => ({ ...bar }));
  for (const bar of result) if (bar.to === null) open.set(bar.partition, bar);
  for (const [partition, owner] of now.owners) {
    const current = open.get(partition);
    const member = owner === '' ? null : owner;
    if (current && current.member === member) continue;
    if (current) current.to = now.at;
    result.push({ partition, member, from: now.at, to: null });
  }
  return result;
}

export function rebalanceCount(log: Change[]): number {
  return log.filter((change) => change.kind === 'moved').length;
}
