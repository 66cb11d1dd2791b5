type Labels = Readonly<Record<string, string>>;

/** A label that nodes must have, with one of some values. */
export interface Pin {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Items for nodes, of which many are for few nodes: a node is shown those alone that ask for no label, or for one that it has.
 *
 * Whether the node is right in every other way is for others to say.
 */
export class Pinned<T> {
  // those with a pin by key and value, once for each value; those without in #anywhere; all in the order they were added
  readonly #byKey = new Map<string, Map<string, T[]>>();
  readonly #anywhere: T[] = [];

  add(item: T, pin: Pin | undefined): void {
    if (pin === undefined) {
      this.#anywhere.push(item);
      return;
    }
    let byValue = this.#byKey.get(pin.key);
    if (byValue === undefined) this.#byKey.set(pin.key, (byValue = new Map()));
    for (const value of new Set(pin.values)) {
      const items = byValue.get(value);
      if (items === undefined) byValue.set(value, [item]);
      else items.push(item);
    }
  }

  /** Lists, each in the order in which its items were added, that together have all items for a node with these labels. */
  *listsFor(labels: Labels): Iterable<readonly T[]> {
    yield this.#anywhere;
    for (const [key, byValue] of this.#byKey) {
      const items = Object.hasOwn(labels, key) ? byValue.get(labels[key] as string) : undefined;
      if (items !== undefined) yield items;
    }
  }
}
