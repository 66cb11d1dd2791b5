import type { Random } from '../../../core/index.js';

/** The first delay, in milliseconds. */
const BASE = 50;
/** The longest delay before jitter, in milliseconds. */
const LONGEST = 5_000;

/** How long to wait before the next attempt to connect: 50 ms at first, twice as long each time up to 5 s, plus up to half by chance. */
export class ReconnectDelay {
  readonly #random: Random;
  #delay = BASE;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The milliseconds to wait after one more failure. */
  next(): number {
    const delay = this.#delay;
    this.#delay = Math.min(delay * 2, LONGEST);
    return delay * (1 + this.#random.next() / 2);
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#delay = BASE;
  }
}
