/** The items in the order of a text of each, by its code units. */
export function sortedBy<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  return items.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}
