import type { Clock, Random } from '../core/index.js';
import { Repeater } from './repeater.js';

/** When the handlers of an informer are told of everything again, each in its own time. */
export class Resyncs<H> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #repeatTo: (handler: H) => void;
  // the period of the handlers that have none of their own, in milliseconds; 0 means never
  #period: number;
  // of the handlers that are told again at all; started while #isStarted
  readonly #repeaters = new Map<H, Repeater>();
  // the handlers that have no period of their own
  readonly #followers = new Set<H>();
  #isStarted = false;

  /**
   * @param period - In milliseconds; 0 or undefined for never.
   * @throws RangeError for a period that is none.
   */
  constructor(clock: Clock, random: Random, period: number | undefined, repeatTo: (handler: H) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#period = checkPeriod(period ?? 0);
    this.#repeatTo = repeatTo;
  }

  /** Begins to count the time. */
  start(): void {
    this.#isStarted = true;
    for (const repeater of this.#repeaters.values()) repeater.start();
  }

  /** @param period - That of the others unless given. */
  add(handler: H, period: number | undefined): void {
    if (period === undefined) this.#followers.add(handler);
    this.#set(handler, period ?? this.#period);
  }

  remove(handler: H): void {
    this.#followers.delete(handler);
    this.#set(handler, 0);
  }

  /** Makes the period of those that have none of their own as short as this, unless it is shorter. @throws RangeError for no period. */
  atLeastEvery(period: number | undefined): void {
    const wanted = checkPeriod(period ?? 0);
    if (wanted === 0 || (this.#period > 0 && this.#period <= wanted)) return;
    this.#period = wanted;
    for (const handler of this.#followers) this.#set(handler, wanted);
  }

  #set(handler: H, period: number): void {
    this.#repeaters.get(handler)?.stop();
    this.#repeaters.delete(handler);
    if (period === 0) return;
    const repeater = new Repeater(this.#clock, this.#random, period, () => this.#repeatTo(handler));
    this.#repeaters.set(handler, repeater);
    if (this.#isStarted) repeater.start();
  }
}

/** The same period. @throws RangeError unless it is one, or 0. */
export function checkPeriod(period: number): number {
  if (!Number.isFinite(period) || period < 0) {
    throw new RangeError(`resync: expected a number of milliseconds, got ${period}`);
  }
  return period;
}
