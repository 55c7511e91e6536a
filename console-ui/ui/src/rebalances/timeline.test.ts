import { describe, expect, it } from 'vitest';
import { type GroupEvent, memberName, merge, standstill, ticks, timelineOf } from './timeline';

let count = 0;
const event = (ms: number, type: GroupEvent['type'], more: Partial<GroupEvent> = {}): GroupEvent => ({
  id: `e${count++}`, type, groupId: 'g', protocol: 'classic', at: new Date(ms).toISOString(), generation: 1, ...more,
});
const member = (memberId: string, clientId = memberId, instanceId?: string) => ({ memberId, clientId, clientHost: '/h', instanceId });

describe('rebalance timeline', () => {
  it('gives each member a row, with bars that end where a partition began to stand still', () => {
    const timeline = timelineOf([
      event(0, 'MEMBER_JOINED', { member: member('a') }),
      event(0, 'REBALANCE_STARTED', { cause: 'MEMBER_JOINED', memberId: 'a' }),
      event(10, 'ASSIGNED', { partitions: { a: ['t-0', 't-1'] }, generation: 1 }),
      event(1000, 'MEMBER_JOINED', { member: member('b') }),
      event(1000, 'REBALANCE_STARTED', { cause: 'MEMBER_JOINED', memberId: 'b' }),
      event(1300, 'ASSIGNED', { partitions: { a: ['t-0'], b: ['t-1'] }, standstillMs: { 't-0': 200, 't-1': 200 }, generation: 2 }),
    ]);
    expect(timeline.rows.map((row) => [row.name, row.bars.map((bar) => [bar.partition, bar.from, bar.to])])).toEqual([
      ['a', [['t-0', 10, 1100], ['t-1', 10, 1100], ['t-0', 1300, undefined]]],
      ['b', [['t-1', 1300, undefined]]],
    ]);
    expect(timeline.columns.map((column) => [column.from, column.to, column.cause])).toEqual([[0, 10, 'MEMBER_JOINED'], [1000, 1300, 'MEMBER_JOINED']]);
  });

  it('keeps a partition that a cooperative member did not give up in one bar', () => {
    const timeline = timelineOf([
      event(0, 'ASSIGNED', { partitions: { a: ['t-0', 't-1'] } }),
      event(500, 'ASSIGNED', { partitions: { a: ['t-0'], b: [] }, revoked: { a: ['t-1'] }, standstillMs: {} }),
      event(600, 'ASSIGNED', { partitions: { a: ['t-0'], b: ['t-1'] }, standstillMs: { 't-1': 100 } }),
    ]);
    expect(timeline.rows[0]?.bars.map((bar) => [bar.partition, bar.from, bar.to])).toEqual([['t-0', 0, undefined], ['t-1', 0, 500]]);
    expect(timeline.rows[1]?.bars).toEqual([{ partition: 't-1', from: 600 }]);
  });

  it('shows a member that comes back in its row, and two at once in two', () => {
    const back = timelineOf([
      event(0, 'MEMBER_JOINED', { member: member('c-1', 'c') }),
      event(10, 'MEMBER_LEFT', { member: member('c-1', 'c'), departure: 'LEFT' }),
      event(20, 'MEMBER_JOINED', { member: member('c-2', 'c') }),
      event(30, 'MEMBER_JOINED', { member: member('c-3', 'c') }),
    ]);
    expect(back.rows.map((row) => row.stays)).toEqual([[{ from: 0, to: 10 }, { from: 20 }], [{ from: 30 }]]);
  });

  it('keeps the row and the bars of a static member that was replaced', () => {
    const timeline = timelineOf([
      event(0, 'MEMBER_JOINED', { member: member('a-1', 'x', 'a') }),
      event(5, 'ASSIGNED', { partitions: { 'a-1': ['t-0'] } }),
      event(9, 'STATIC_MEMBER_REPLACED', { member: member('a-2', 'x', 'a'), oldMemberId: 'a-1' }),
    ]);
    expect(timeline.rows).toHaveLength(1);
    expect(timeline.rows[0]?.bars).toEqual([{ partition: 't-0', from: 5 }]);
  });

  it('names members, counts an event once, and finds the longest standstill', () => {
    expect(memberName(undefined, 'app-1-3f0c1a2b-1111-2222-3333-444455556666')).toBe('app-1');
    const one = event(1, 'ASSIGNED', { standstillMs: { 't-0': 5, 't-1': 7 } });
    expect(merge([one], [one, event(0, 'OTHER')]).map((each) => each.type)).toEqual(['OTHER', 'ASSIGNED']);
    expect(standstill([one])).toEqual({ longest: 7, total: 12 });
    expect(ticks(0, 60_000)).toHaveLength(7);
  });
});
