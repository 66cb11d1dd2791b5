import { commonStart } from './common-start.js';
import { sortedJson } from '../apply/go-json.js';

/** The indexes of an item in two lists. */
export type Pair = readonly [before: number, after: number];

/**
 * Which items of `before` are which of `after`, where each list has each key once: pairs of indexes, both increasing, as many as there
 * can be.
 */
export function alignKeys(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const places = new Map(before.map((key, index) => [key, index]));
  const common: Pair[] = [];
  for (const [index, key] of after.entries()) {
    const place = places.get(key);
    if (place !== undefined) common.push([place, index]);
  }
  return longestIncrease(common);
}

/**
 * Which items of `before` are which of `after`, where equal items at one index are one and the same.
 *
 * What both lists begin and end with stays as it is: of the end the first pair is given, of the beginning none. In between, the first of
 * several equal items in one list is the first of them in the other, and so on. So there might be more pairs, at times.
 */
export function alignItems(before: readonly unknown[], after: readonly unknown[]): readonly Pair[] {
  const start = commonStart(before, after);
  const olds = before.slice(start).map(sortedJson);
  const news = after.slice(start).map(sortedJson);
  while (olds.length > 0 && olds.at(-1) === news.at(-1)) {
    olds.pop();
    news.pop();
  }
  const pairs = [...alignKeys(numbered(olds), numbered(news)), [olds.length, news.length] as const];
  return pairs.map(([place, index]) => [start + place, start + index]);
}

/** The keys with a number, so that each occurs once. */
function numbered(keys: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return keys.map((key) => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return `${count} ${key}`;
  });
}

/** Of pairs that increase on the right, the most that increase on the left too. */
function longestIncrease(pairs: readonly Pair[]): readonly Pair[] {
  // the index of the pair with the smallest left side that ends an increase of each length, and who stands before each pair in its increase
  const ends: number[] = [];
  const previous: number[] = [];
  const leftOf = (index: number | undefined): number => pairs[index ?? -1]?.[0] ?? -1;
  for (let index = 0; index < pairs.length; index += 1) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (leftOf(ends[middle]) < leftOf(index)) low = middle + 1;
      else high = middle;
    }
    previous.push(ends[low - 1] ?? -1);
    ends[low] = index;
  }
  const result: Pair[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] as number) {
    result.push(pairs[index] as Pair);
  }
  return result.reverse();
}
