import type { Schema } from '../api/client';

export type GroupEvent = Schema['GroupEvent'];

/** A stretch of time in which a member had a partition; `to` is absent while it has it. */
export interface Bar {
  partition: string;
  from: number;
  to?: number;
}

/** A row of the timeline: one member, over all ids that it had. */
export interface Row {
  key: string;
  name: string;
  detail: string;
  /** When it was in the group. */
  stays: { from: number; to?: number }[];
  bars: Bar[];
  events: GroupEvent[];
}

/** One rebalance as a column. */
export interface Column {
  from: number;
  to?: number;
  generation: number;
  cause: string;
}

export interface Timeline {
  from: number;
  rows: Row[];
  columns: Column[];
  /** What concerns the whole group. */
  groupEvents: GroupEvent[];
}

const at = (event: GroupEvent) => Date.parse(event.at);

/** Adds new events to those that are known; one that comes twice counts once. */
export function merge(known: GroupEvent[], more: GroupEvent[], limit = 5_000): GroupEvent[] {
  const ids = new Set(known.map((event) => event.id));
  const fresh = more.filter((event) => !ids.has(event.id));
  return fresh.length === 0 ? known : [...known, ...fresh].sort((a, b) => at(a) - at(b)).slice(-limit);
}

/** A member id is a client id or instance id and a random part. */
const withoutRandomPart = (memberId: string) => memberId.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');

export function memberName(member: GroupEvent['member'], memberId = ''): string {
  return member?.instanceId ?? (member?.clientId || withoutRandomPart(member?.memberId ?? memberId));
}

/** Draws up who had what and when. Bars end where a partition began to stand still, not where the next owner got it. */
export function timelineOf(events: GroupEvent[]): Timeline {
  const rows: Row[] = [];
  const byMember = new Map<string, Row>();
  const open = new Map<string, { row: Row; bar: Bar }>();
  const columns: Column[] = [];
  const groupEvents: GroupEvent[] = [];
  let running: Column | undefined;
  const from = events[0] ? at(events[0]) : Date.now();

  const present = (row: Row) => row.stays.at(-1)?.to === undefined && row.stays.length > 0;
  const rowOf = (memberId: string, member?: GroupEvent['member']) => {
    const known = byMember.get(memberId);
    if (known) return known;
    const name = memberName(member, memberId);
    const key = member?.instanceId ? `instance ${member.instanceId}` : `${name} ${member?.clientHost ?? ''}`;
    let row = rows.find((one) => one.key === key && !present(one));
    if (!row) {
      row = { key, name, detail: member?.clientHost ?? '', stays: [], bars: [], events: [] };
      rows.push(row);
    }
    byMember.set(memberId, row);
    return row;
  };
  const stay = (row: Row, since: number) => {
    if (!present(row)) row.stays.push({ from: since });
  };
  const close = (partition: string, to: number) => {
    const owned = open.get(partition);
    if (!owned) return;
    owned.bar.to = Math.max(owned.bar.from, to);
    open.delete(partition);
  };

  for (const event of events) {
    const time = at(event);
    const member = event.member;
    switch (event.type) {
      case 'MEMBER_JOINED': {
        const row = rowOf(member?.memberId ?? '', member);
        stay(row, time);
        row.events.push(event);
        break;
      }
      case 'MEMBER_LEFT': {
        const row = rowOf(member?.memberId ?? '', member);
        if (row.stays.length === 0) stay(row, from);
        row.stays.at(-1)!.to = time;
        row.events.push(event);
        for (const [partition, owned] of [...open]) if (owned.row === row) close(partition, time);
        break;
      }
      case 'STATIC_MEMBER_REPLACED': {
        const row = (event.oldMemberId && byMember.get(event.oldMemberId)) || rowOf(member?.memberId ?? '', member);
        byMember.set(member?.memberId ?? '', row);
        stay(row, time);
        row.events.push(event);
        break;
      }
      case 'MEMBER_FENCED':
      case 'SUBSCRIPTION_CHANGED': {
        const id = member?.memberId ?? event.memberId ?? '';
        const row = byMember.get(id) ?? rows.find((one) => event.instanceId !== undefined && one.key === `instance ${event.instanceId}`);
        if (row) row.events.push(event);
        else groupEvents.push(event);
        break;
      }
      case 'PARTITIONS_CHANGED':
        groupEvents.push(event);
        break;
      case 'REBALANCE_STARTED':
        running = { from: time, generation: event.generation, cause: event.cause ?? 'UNKNOWN' };
        columns.push(running);
        break;
      case 'GENERATION_BEGUN':
        if (running) running.generation = event.generation;
        if (event.members === 0 && running) {
          running.to = time;
          running = undefined;
        }
        break;
      case 'ASSIGNED': {
        if (running) {
          running.to = time;
          running.generation = event.generation;
        } else if (event.cause !== 'FIRST_LOOK') columns.push({ from: time, to: time, generation: event.generation, cause: event.cause ?? 'UNKNOWN' });
        running = undefined;
        assign(event, time);
        break;
      }
      case 'OTHER':
        break;
    }
  }
  return { from, rows, columns, groupEvents };

  function assign(event: GroupEvent, time: number) {
    const owners = new Map<string, Row>();
    for (const [memberId, partitions] of Object.entries(event.partitions ?? {})) {
      const row = rowOf(memberId);
      stay(row, from);
      for (const partition of partitions) owners.set(partition, row);
    }
    for (const [partition, owned] of [...open]) {
      const stood = event.standstillMs?.[partition];
      if (stood !== undefined) close(partition, time - stood);
      else if (owners.get(partition) !== owned.row) close(partition, time);
    }
    for (const [partition, row] of owners) {
      if (open.has(partition)) continue;
      const bar: Bar = { partition, from: time };
      row.bars.push(bar);
      open.set(partition, { row, bar });
    }
  }
}

/** How much of a group's time partitions stood still: the longest gap and the sum, in milliseconds. */
export function standstill(events: GroupEvent[]): { longest: number; total: number } {
  const times = events.flatMap((event) => Object.values(event.standstillMs ?? {}));
  return { longest: times.reduce((a, b) => Math.max(a, b), 0), total: times.reduce((a, b) => a + b, 0) };
}

/** Round times between `from` and `to` for the axis, at most eight. */
export function ticks(from: number, to: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800].map((seconds) => seconds * 1_000);
  const step = steps.find((one) => (to - from) / one <= 8) ?? 86_400_000;
  const result: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) result.push(time);
  return result;
}
