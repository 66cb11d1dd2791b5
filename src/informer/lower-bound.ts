/** How many items stand before the first that is not before something; `items` are in order. */
export function lowerBound<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let from = 0;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isBefore(items[middle] as T)) from = middle + 1;
    else to = middle;
  }
  return from;
}
