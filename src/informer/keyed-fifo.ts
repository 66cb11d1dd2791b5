interface Node<V> {
  readonly key: string;
  readonly value: V;
  previous: Node<V> | undefined;
  next: Node<V> | undefined;
}

/** A first-in-first-out queue of values with unique keys, from anywhere in which a key can be taken out. */
export class KeyedFifo<V> {
  // the nodes of the list from #first to #last, each under its key
  readonly #nodes = new Map<string, Node<V>>();
  #first: Node<V> | undefined;
  #last: Node<V> | undefined;

  get size(): number {
    return this.#nodes.size;
  }

  get(key: string): V | undefined {
    return this.#nodes.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#nodes.has(key);
  }

  /** Queues a value at the end, under a key that is not queued. */
  push(key: string, value: V): void {
    const last: Node<V> = { key, value, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = last;
    else this.#last.next = last;
    this.#last = last;
    this.#nodes.set(key, last);
  }

  delete(key: string): void {
    const node = this.#nodes.get(key);
    if (node === undefined) return;
    this.#nodes.delete(key);
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
  }

  clear(): void {
    this.#nodes.clear();
    this.#first = undefined;
    this.#last = undefined;
  }

  /** Every key with its value, first in first. */
  *entries(): IterableIterator<[string, V]> {
    for (let node = this.#first; node !== undefined; node = node.next) yield [node.key, node.value];
  }

  /** Takes the first value out; undefined where the queue is empty. */
  shift(): [string, V] | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.delete(first.key);
    return [first.key, first.value];
  }
}
