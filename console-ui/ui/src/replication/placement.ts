export interface Placement {
  partition: number;
  /** Broker ids, the preferred leader first. */
  replicas: number[];
}

export interface Place {
  id: number;
  rack?: string;
}

/**
 * Where replicas go when each partition shall have `factor` of them on `places`. What may stay where it is stays, in its order;
 * what is missing goes to the place with the least replicas, of a rack that the partition is not in yet if there is one. With
 * `spread`, replicas and preferred leaders move on until no place has two more than another, as far as racks allow.
 */
export function place(current: Placement[], places: Place[], factor: number, spread: boolean): Placement[] {
  const rackOf = new Map(places.map((one) => [one.id, one.rack]));
  const allowed = new Set(rackOf.keys());
  const next = current.map(({ partition, replicas }) => ({ partition, replicas: replicas.filter((id) => allowed.has(id)).slice(0, factor) }));
  const load = count(next, places, () => true);
  const shared = (replicas: number[], id: number) => {
    const rack = rackOf.get(id);
    return rack !== undefined && replicas.some((other) => rackOf.get(other) === rack);
  };
  for (const one of next) {
    while (one.replicas.length < Math.min(factor, places.length)) {
      const free = places.filter(({ id }) => !one.replicas.includes(id));
      free.sort((a, b) => Number(shared(one.replicas, a.id)) - Number(shared(one.replicas, b.id)) || load.get(a.id)! - load.get(b.id)! || a.id - b.id);
      one.replicas.push(free[0]!.id);
      add(load, free[0]!.id, 1);
    }
  }
  if (spread) {
    const movable = (one: Placement, from: number, to: number) => {
      if (!one.replicas.includes(from) || one.replicas.includes(to)) return false;
      const others = one.replicas.filter((id) => id !== from);
      return !shared(others, to) || shared(others, from);
    };
    level(load, (from, to) => {
      const one = next.findLast((candidate) => movable(candidate, from, to));
      if (one) one.replicas = one.replicas.map((id) => (id === from ? to : id));
      return one !== undefined;
    });
    level(count(next, places, (at) => at === 0), (from, to) => {
      const one = next.find(({ replicas }) => replicas[0] === from && replicas.includes(to));
      if (one) one.replicas = [to, ...one.replicas.filter((id) => id !== to)];
      return one !== undefined;
    });
  }
  return next;
}

/** Replicas that have to be copied to a broker that has none of the partition yet. */
export const copies = (before: Placement, after: Placement) => after.replicas.filter((id) => !before.replicas.includes(id)).length;

export const same = (before: Placement, after: Placement) => before.replicas.join() === after.replicas.join();

function count(placements: Placement[], places: Place[], counts: (at: number) => boolean) {
  const load = new Map(places.map(({ id }) => [id, 0]));
  for (const { replicas } of placements) replicas.forEach((id, at) => counts(at) && add(load, id, 1));
  return load;
}

function add(load: Map<number, number>, id: number, by: number) {
  load.set(id, (load.get(id) ?? 0) + by);
}

/** Moves one at a time from who has more to who has at least two less, the greatest difference first, until nobody can. */
function level(load: Map<number, number>, move: (from: number, to: number) => boolean) {
  for (let moved = true; moved; ) {
    moved = false;
    const byLoad = [...load].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    outer: for (const [from, most] of byLoad) {
      for (const [to, least] of byLoad.toReversed()) {
        if (most - least < 2) break;
        if (!move(from, to)) continue;
        add(load, from, -1);
        add(load, to, 1);
        moved = true;
        break outer;
      }
    }
  }
}
