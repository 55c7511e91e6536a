import { describe, expect, it } from 'vitest';
import { type Bar, changes, extend, type Look, rebalanceCount } from './timeline';

const look = (at: number, owners: Record<string, string>, members: string[], state = 'Stable'): Look => ({
  at, state, owners: new Map(Object.entries(owners)), members: new Map(members.map((id) => [id, `client-${id}`])),
});

describe('rebalance timeline', () => {
  const one = look(0, { 't-0': 'a', 't-1': 'a' }, ['a']);
  const two = look(10, { 't-0': 'a', 't-1': 'b' }, ['a', 'b']);

  it('tells who joined and how many partitions moved', () => {
    const log = changes(one, two);
    expect(log).toEqual([{ at: 10, kind: 'joined', member: 'client-b' }, { at: 10, kind: 'moved', count: 1 }]);
    expect(rebalanceCount(log)).toBe(1);
  });

  it('shows the gap while a partition had no owner', () => {
    const gap = look(20, { 't-0': 'a', 't-1': '' }, ['a']);
    let bars: Bar[] = extend([], two);
    bars = extend(bars, gap);
    bars = extend(bars, look(30, { 't-0': 'a', 't-1': 'a' }, ['a']));
    expect(bars.filter((bar) => bar.partition === 't-1').map((bar) => [bar.member, bar.from, bar.to])).toEqual([['b', 10, 20], [null, 20, 30], ['a', 30, null]]);
    expect(bars.filter((bar) => bar.partition === 't-0')).toHaveLength(1);
    expect(changes(two, gap).map((change) => change.kind)).toEqual(['left']);
  });
});
