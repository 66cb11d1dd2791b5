import type { Clock, Timer } from '../core/index.js';
import { DueOrder } from './due-order.js';
import type { TimedItem } from './line.js';

/** What a {@link DelayQueue} needs of its items. */
export interface DelayedEntry<E extends DelayedEntry<E>> extends TimedItem<E> {
  readonly key: string;
}

/**
 * Items that wait for their time, one of a key at most, with one timer for the first of them.
 *
 * Items that come due at the same time do so in the order in which they were given that time. While nothing waits, no timer does.
 */
export class DelayQueue<E extends DelayedEntry<E>> {
  readonly #clock: Clock;
  readonly #onDue: (item: E) => void;
  // the same items, by key and in order
  readonly #items = new Map<string, E>();
  #order = new DueOrder<E>();
  // set for #timerAt, which is when the first of #order comes due; not there while #items is empty
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

  get(key: string): E | undefined {
    return this.#items.get(key);
  }

  /** Lets an item come due at `readyAt`, be it in this queue or in none; no other of its key may be here. */
  set(item: E, readyAt: number): void {
    if (item.line !== undefined) this.#order.remove(item);
    this.#items.set(item.key, item);
    item.readyAt = readyAt;
    this.#order.push(item);
    this.#arm();
  }

  /** Takes out an item that is in this queue. */
  remove(item: E): void {
    this.#take(item);
    this.#arm();
  }

  /** Lets all items go, none of which may come again. */
  clear(): void {
    this.#items.clear();
    this.#order = new DueOrder();
    this.#arm();
  }

  /** All items, in the order in which they come due. */
  toSorted(): E[] {
    return this.#order.toSorted();
  }

  #take(item: E): void {
    this.#items.delete(item.key);
    this.#order.remove(item);
  }

  #arm(): void {
    const first = this.#order.peek();
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
      let item = this.#order.peek();
      item !== undefined && item.readyAt <= now;
      item = this.#order.peek()
    ) {
      this.#take(item);
      this.#onDue(item);
    }
    this.#arm();
  }
}
