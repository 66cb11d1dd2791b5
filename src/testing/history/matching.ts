/**
 * Gives each of `seekers` one of those that suit it, and nobody the same, as far as that goes.
 *
 * @returns Those that got none: as few as possible.
 * Source: Kuhn's algorithm for matchings in bipartite graphs.
 */
export function unmatched<S, O>(seekers: readonly S[], suiting: (seeker: S) => readonly O[]): readonly S[] {
  const holders = new Map<O, S>();
  const settle = (seeker: S, asked: Set<O>): boolean => {
    for (const one of suiting(seeker)) {
      if (asked.has(one)) continue;
      asked.add(one);
      const holder = holders.get(one);
      // whoever holds it may find another
      if (holder !== undefined && !settle(holder, asked)) continue;
      holders.set(one, seeker);
      return true;
    }
    return false;
  };
  return seekers.filter((seeker) => !settle(seeker, new Set()));
}
