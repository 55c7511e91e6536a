import { describe, expect, it } from 'vitest';
import { copies, place, type Placement } from './placement';

const of = (...replicas: number[][]): Placement[] => replicas.map((one, partition) => ({ partition, replicas: one }));
const on = (...ids: number[]) => ids.map((id) => ({ id }));
const placed = (placements: Placement[]) => placements.map((one) => one.replicas);
const loads = (placements: Placement[], leadersOnly: boolean) => {
  const counts: Record<number, number> = {};
  for (const { replicas } of placements) for (const id of leadersOnly ? replicas.slice(0, 1) : replicas) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
};

describe('place', () => {
  it('moves nothing that may stay', () => {
    expect(placed(place(of([1, 2], [2, 3], [3, 1]), on(1, 2, 3), 2, false))).toEqual([[1, 2], [2, 3], [3, 1]]);
  });

  it('adds replicas where there are the least', () => {
    expect(loads(place(of([1], [1], [2]), on(1, 2, 3), 2, false), false)).toEqual({ 1: 2, 2: 2, 3: 2 });
  });

  it('keeps the preferred leaders when there are to be fewer replicas', () => {
    expect(placed(place(of([2, 1, 3], [3, 2, 1]), on(1, 2, 3), 1, false))).toEqual([[2], [3]]);
  });

  it('empties a broker', () => {
    const after = place(of([1, 2], [2, 1], [3, 1]), on(2, 3), 2, false);
    expect(after.every((one) => one.replicas.length === 2 && !one.replicas.includes(1))).toBe(true);
    expect(placed(after).map((one) => one[0])).toEqual([2, 2, 3]);
  });

  it('spreads replicas and leaders to a new broker, with no more copies than that takes', () => {
    const before = of([1, 2], [1, 2], [1, 2], [1, 2], [1, 2], [1, 2]);
    const after = place(before, on(1, 2, 3), 2, true);
    expect(loads(after, false)).toEqual({ 1: 4, 2: 4, 3: 4 });
    expect(loads(after, true)).toEqual({ 1: 2, 2: 2, 3: 2 });
    expect(after.reduce((sum, one, at) => sum + copies(before[at]!, one), 0)).toBe(4);
    for (const one of after) expect(new Set(one.replicas).size).toBe(2);
  });

  it('takes another rack first', () => {
    const racks = [{ id: 1, rack: 'a' }, { id: 2, rack: 'a' }, { id: 3, rack: 'b' }];
    expect(placed(place(of([1], [2], [1], [2]), racks, 2, true)).every((one) => one.includes(3))).toBe(true);
  });

  it('does not ask for more replicas than there are brokers', () => {
    expect(placed(place(of([1]), on(1, 2), 3, false))).toEqual([[1, 2]]);
  });
});
