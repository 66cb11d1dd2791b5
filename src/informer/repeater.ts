import type { Clock, Random, Timer } from '../core/index.js';

/** By how much a period may be longer or shorter than asked for, as a part of it. */
const SPREAD = 0.1;

/**
 * Does something again and again, from when it is started: each time after about a period, up to 10 % shorter or longer by chance.
 *
 * Source: the sync period of controller-runtime.
 */
export class Repeater {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #period: number;
  readonly #task: () => void;
  // armed while it is started
  #timer: Timer | undefined;

  /** @param period - In milliseconds. */
  constructor(clock: Clock, random: Random, period: number, task: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#period = period;
    this.#task = task;
  }

  /** Does nothing where it is started. */
  start(): void {
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const spread = 1 + SPREAD * (2 * this.#random.next() - 1);
    this.#timer = this.#clock.setTimer(this.#period * spread, () => {
      this.#arm();
      this.#task();
    });
  }
}
