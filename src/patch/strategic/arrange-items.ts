import { isDeletion, type List } from './list-items.js';

/** Where each key stands in a list: the first place, where it stands there more than once. */
export type Ranks = ReadonlyMap<unknown, number>;

/** A list that was merged, and what its order depends on. */
export interface Unordered {
  readonly items: List;
  /** The merge keys of the items, or the items themselves where they are scalars. */
  readonly keys: List;
  /** The order that the patch asks for: its items come in it. */
  readonly wanted: Ranks;
  /** The order of the list that is patched: all other items come in it. */
  readonly live: Ranks;
}

export function ranksOf(keys: List): Ranks {
  const ranks = new Map<unknown, number>();
  for (let index = 0; index < keys.length; index += 1) {
    if (!ranks.has(keys[index])) ranks.set(keys[index], index);
  }
  return ranks;
}

/**
 * The items of a merged list in their final order.
 *
 * The items that the patch names come in the order of the patch, the others in the order of the live list; entries of a patch that
 * delete come last of either. Both are interleaved: an item that the patch does not name stands before the first item of the patch that
 * it preceded in the live list; new items stand as early as that allows.
 *
 * Source: `normalizeElementOrder` in k8s.io/apimachinery.
 */
export function arrangeItems({ items, keys, wanted, live }: Unordered): List {
  const named: number[] = [];
  const others: number[] = [];
  for (let index = 0; index < items.length; index += 1)
    (wanted.has(keys[index]) ? named : others).push(index);
  const right = sortByRank(named, items, keys, wanted);
  const left = sortByRank(others, items, keys, live);

  const result: unknown[] = [];
  let next = 0;
  for (const place of right) {
    const rank = live.get(keys[place]) ?? -1;
    for (; next < left.length; next += 1) {
      const other = left[next] as number;
      if ((live.get(keys[other]) ?? Infinity) >= rank) break;
      result.push(items[other]);
    }
    result.push(items[place]);
  }
  for (; next < left.length; next += 1) result.push(items[left[next] as number]);
  return result;
}

/** The places of items, sorted by the rank of the item. */
function sortByRank(places: readonly number[], items: List, keys: List, ranks: Ranks): readonly number[] {
  const last: number[] = [];
  const ranked: Ranked[] = [];
  let isSorted = true;
  let isComplete = true;
  let highest = -1;
  for (const place of places) {
    if (isDeletion(items[place])) {
      last.push(place);
      continue;
    }
    const rank = ranks.get(keys[place]);
    ranked.push({ place, rank });
    if (rank === undefined) isComplete = false;
    else if (rank < highest) isSorted = false;
    else highest = rank;
  }
  if (isComplete && isSorted && last.length === 0) return places;
  if (!isComplete) return [...interleaveUnranked(ranked), ...last];
  if (!isSorted) ranked.sort(byRank);
  return [...ranked.map(({ place }) => place), ...last];
}

interface Ranked {
  readonly place: number;
  readonly rank: number | undefined;
}

function byRank(a: Ranked, b: Ranked): number {
  return (a.rank ?? 0) - (b.rank ?? 0);
}

/**
 * Sorts items of which some have no rank: an empty `$setElementOrder` beside new items leads here.
 *
 * Each item without a rank comes before the lowest of the ranked ones ahead of it, the later ones first. This is what Go's insertion
 * sort makes of it, for which an item without a rank is less than all others.
 */
function interleaveUnranked(ranked: readonly Ranked[]): readonly number[] {
  /** Items without a rank, by the ranked item that follows them. */
  const before = new Map<Ranked | undefined, number[]>();
  let lowest: Ranked | undefined;
  for (const entry of ranked) {
    if (entry.rank === undefined) {
      const group = before.get(lowest);
      if (group === undefined) before.set(lowest, [entry.place]);
      else group.push(entry.place);
    } else if (lowest === undefined || byRank(entry, lowest) < 0) {
      lowest = entry;
    }
  }
  const sorted = ranked.filter(({ rank }) => rank !== undefined).sort(byRank);
  const result: number[] = [];
  for (const entry of sorted) {
    for (const place of (before.get(entry) ?? []).reverse()) result.push(place);
    result.push(entry.place);
  }
  return [...result, ...(before.get(undefined) ?? []).reverse()];
}
