interface Loaded {
  state: { data?: unknown };
}

/**
 * How long until a list is loaded anew: the first pages often, and a list that was scrolled far down seldom, because every page of it is
 * asked for again.
 */
export function refreshByPages(query: Loaded): number {
  const pages = (query.state.data as { pages: unknown[] } | undefined)?.pages.length ?? 0;
  return pages <= 2 ? 3_000 : pages * 3_000;
}
