import { type HeapItem, IndexedHeap } from '../core/index.js';

/** What a {@link ReadyQueue} needs of its entries: a priority that stays while it is queued, and two links of its own. */
export interface ReadyEntry<E> {
  priority: number;
  previous: E | undefined;
  next: E | undefined;
}

/** The entries of one priority, first come first. */
interface Lane<E> extends HeapItem {
  readonly priority: number;
  head: E | undefined;
  tail: E | undefined;
}

/**
 * Entries in the order in which they are handed out: the highest priority first, first come first within a priority.
 *
 * Adding, taking and removing cost the same however many entries there are; only the number of distinct priorities counts,
 * by its logarithm.
 */
export class ReadyQueue<E extends ReadyEntry<E>> {
  // holds every lane that has an entry, and #last even where it has none
  readonly #lanes = new Map<number, Lane<E>>();
  // holds exactly the lanes that have an entry
  readonly #order = new IndexedHeap<Lane<E>>((a, b) => a.priority > b.priority);
  // the lane that was added to last: kept while empty, because most queues only ever use one
  #last: Lane<E> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an entry, that is not in the queue, behind all others of its priority. */
  push(entry: E): void {
    const lane = this.#laneOf(entry.priority);
    const tail = lane.tail;
    entry.previous = tail;
    lane.tail = entry;
    if (tail === undefined) {
      lane.head = entry;
      this.#order.push(lane);
    } else {
      tail.next = entry;
    }
    this.#size += 1;
  }

  /** Takes the first entry out; undefined where there is none. */
  pop(): E | undefined {
    const lane = this.#order.peek();
    if (lane === undefined) return undefined;
    const entry = lane.head as E;
    this.#unlink(lane, entry);
    return entry;
  }

  /** Takes out an entry that is in the queue. */
  remove(entry: E): void {
    this.#unlink(this.#lanes.get(entry.priority) as Lane<E>, entry);
  }

  /** All entries, in the order in which they would be handed out. */
  *[Symbol.iterator](): Generator<E, void, undefined> {
    for (const lane of [...this.#order].sort((a, b) => b.priority - a.priority)) {
      for (let entry = lane.head; entry !== undefined; entry = entry.next) yield entry;
    }
  }

  #laneOf(priority: number): Lane<E> {
    const last = this.#last;
    if (last !== undefined) {
      if (last.priority === priority) return last;
      if (last.head === undefined) this.#lanes.delete(last.priority);
    }
    let lane = this.#lanes.get(priority);
    if (lane === undefined) {
      lane = { priority, head: undefined, tail: undefined, position: -1 };
      this.#lanes.set(priority, lane);
    }
    this.#last = lane;
    return lane;
  }

  #unlink(lane: Lane<E>, entry: E): void {
    const { previous, next } = entry;
    if (previous === undefined) lane.head = next;
    else previous.next = next;
    if (next === undefined) lane.tail = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
    this.#size -= 1;
    if (lane.head !== undefined) return;
    this.#order.remove(lane);
    if (lane !== this.#last) this.#lanes.delete(lane.priority);
  }
}
