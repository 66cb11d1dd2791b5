import { directiveOf, type List } from './list-items.js';

/** Where each key stands in a list: the first place, where it stands there more than once. */
export type Ranks = ReadonlyMap<unknown, number>;

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
 * `keys` are the merge keys of the items, or the items themselves where they are scalars; `wanted` is the order that the patch asks for,
 * `live` that of the list that is patched.
 *
 * The items that the patch names come in the order of the patch, the others in the order of the live list; entries of a patch that
 * delete come last of either. Both are interleaved: an item that the patch does not name stands before the first item of the patch that
 * it preceded in the live list; new items stand as early as that allows.
 *
 * Source: `normalizeElementOrder` in k8s.io/apimachinery.
 */
export function arrangeItems(items: List, keys: List, wanted: Ranks, live: Ranks): List {
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

/**
 * The places of items, sorted by the rank of the item.
 *
 * An item without a rank comes before the lowest of the ranked ones ahead of it, the later ones first: an empty `$setElementOrder`
 * beside new items leads here. This is what Go's insertion sort makes of it, for which such an item is less than all others.
 */
function sortByRank(places: readonly number[], items: List, keys: List, ranks: Ranks): readonly number[] {
  const last: number[] = [];
  const ranked: { readonly place: number; readonly rank: number }[] = [];
  let lowest = Infinity;
  let isSorted = true;
  for (const place of places) {
    if (directiveOf(items[place]) === 'delete') {
      last.push(place);
      continue;
    }
    const rank = ranks.get(keys[place]) ?? lowest - 0.5;
    isSorted &&= rank > (ranked.at(-1)?.rank ?? -1);
    ranked.push({ place, rank });
    lowest = Math.min(lowest, Math.ceil(rank));
  }
  if (isSorted && last.length === 0) return places;
  // two infinities have no difference
  ranked.sort(
    (a, b) => a.rank - b.rank || (Number.isInteger(a.rank) ? a.place - b.place : b.place - a.place),
  );
  return [...ranked.map(({ place }) => place), ...last];
}
