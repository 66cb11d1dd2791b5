import type { Clock, Timer } from '../../core/index.js';

/** For so many milliseconds a write is waited for or laid over the cache, and a change is held, at most. */
export const STALE_AFTER = 10_000;

/** What waits, each item for {@link STALE_AFTER} at most; there is a timer only while something does. */
export class Waits<T> {
  readonly #clock: Clock;
  readonly #expire: (item: T) => void;
  // when the time of each is up, on the monotonic clock; in this order, as all have the same time
  readonly #items = new Map<T, number>();
  // set for the first item, or for one that was first; undefined where there is none
  #timer: Timer | undefined;

  /** @param expire - Called for an item that is still there when its time is up, and is then no more. */
  constructor(clock: Clock, expire: (item: T) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Adds an item that is not here. */
  add(item: T): void {
    this.#items.set(item, this.#clock.monotonic() + STALE_AFTER);
    if (this.#timer === undefined) this.#arm(STALE_AFTER);
  }

  /** Takes an item out; one that is not here is no mistake. */
  delete(item: T): void {
    this.#items.delete(item);
    if (this.#items.size > 0 || this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
  }

  /** Takes all items out. */
  clear(): readonly T[] {
    const items = [...this.#items.keys()];
    for (const item of items) this.delete(item);
    return items;
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.setTimer(delay, this.#fire, { keepAlive: false });
  }

  readonly #fire = (): void => {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (const [item, due] of this.#items) {
      if (due > now) {
        if (this.#timer === undefined) this.#arm(due - now);
        return;
      }
      this.#items.delete(item);
      this.#expire(item);
    }
  };
}
