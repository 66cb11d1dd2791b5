/** What an {@link IndexedHeap} needs of its items: a field that it alone writes. */
export interface HeapItem {
  /** The item's place in the heap; -1 outside. */
  position: number;
}

/** A priority queue from which any item can be removed, because each knows its own place. */
export class IndexedHeap<T extends HeapItem> implements Iterable<T> {
  // heap order: no item stands before its parent, which is at (index - 1) >> 1; items[i].position === i
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** @param before - A strict order: whether `a` comes out before `b`. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds an item that is in no heap. */
  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Removes an item that is in this heap. */
  remove(item: T): void {
    const index = item.position;
    const last = this.#items.pop() as T;
    item.position = -1;
    if (last === item) return;
    last.position = index;
    this.update(last);
  }

  /** Moves an item that is in this heap to where it belongs, after what it is ordered by has changed. */
  update(item: T): void {
    const index = item.position;
    this.#rise(item, index);
    if (item.position === index) this.#sink(item, index);
  }

  clear(): void {
    for (const item of this.#items) item.position = -1;
    this.#items.length = 0;
  }

  /** All items, in no order that means anything. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  #rise(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (!this.#before(item, above)) break;
      this.#place(above, index);
      index = parent;
    }
    this.#place(item, index);
  }

  #sink(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1] as T, items[child] as T)) child += 1;
      const below = items[child] as T;
      if (!this.#before(below, item)) break;
      this.#place(below, index);
      index = child;
    }
    this.#place(item, index);
  }

  #place(item: T, index: number): void {
    this.#items[index] = item;
    item.position = index;
  }
}
