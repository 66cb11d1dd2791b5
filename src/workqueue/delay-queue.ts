import { type Clock, type HeapItem, IndexedHeap, type Timer } from '../core/index.js';

/** What a {@link DelayQueue} needs of its items: three fields that it alone writes. */
export interface DelayedEntry extends HeapItem {
  /** When the item comes due, in milliseconds of the monotonic clock. */
  readyAt: number;
  /** Orders items that come due at the same time. */
  sequence: number;
}

/**
 * Items that wait for their time, with one timer for the first of them.
 *
 * Items that come due at the same time do so in the order in which they were given that time. While nothing waits, no timer does.
 */
export class DelayQueue<E extends DelayedEntry> {
  readonly #clock: Clock;
  readonly #onDue: (item: E) => void;
  readonly #items = new IndexedHeap<E>(isBefore);
  #sequence = 0;
  // set for #timerAt, which is when the first of #items comes due; not there while #items is empty
  #timer: Timer | undefined;
  #timerAt = 0;

  /** @param onDue - Called for each item that comes due, after it was taken out; it must not touch this queue. */
  constructor(clock: Clock, onDue: (item: E) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Lets an item come due at `readyAt`, be it in this queue or in none. */
  set(item: E, readyAt: number): void {
    if (item.position !== -1) this.#items.remove(item);
    item.readyAt = readyAt;
    item.sequence = this.#sequence++;
    this.#items.push(item);
    this.#arm();
  }

  /** Takes out an item that is in this queue. */
  remove(item: E): void {
    this.#items.remove(item);
    this.#arm();
  }

  clear(): void {
    this.#items.clear();
    this.#arm();
  }

  /** All items, in the order in which they come due. */
  toSorted(): E[] {
    return [...this.#items].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #arm(): void {
    const first = this.#items.peek();
    if (this.#timer !== undefined) {
      if (first?.readyAt === this.#timerAt) return;
      this.#timer.cancel();
      this.#timer = undefined;
    }
    if (first === undefined) return;
    this.#timerAt = first.readyAt;
    this.#timer = this.#clock.setTimer(Math.max(0, first.readyAt - this.#clock.monotonic()), () =>
      this.#fire(),
    );
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    // a timer may fire a little early: then nothing is due yet, and it is set again
    for (
      let item = this.#items.peek();
      item !== undefined && item.readyAt <= now;
      item = this.#items.peek()
    ) {
      this.#items.remove(item);
      this.#onDue(item);
    }
    this.#arm();
  }
}

function isBefore(a: DelayedEntry, b: DelayedEntry): boolean {
  return a.readyAt < b.readyAt || (a.readyAt === b.readyAt && a.sequence < b.sequence);
}
