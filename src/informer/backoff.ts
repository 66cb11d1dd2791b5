import type { Clock, Random } from '../core/index.js';

/** The first delay, in milliseconds. */
const BASE = 800;
/** The longest delay before jitter, in milliseconds. */
const LONGEST = 30_000;
/** How long nothing must have failed for the next failure to count as the first again, in milliseconds. */
const QUIET = 120_000;

/**
 * How long to wait after a failure: 800 ms at first, twice as long each time up to 30 s, plus up to as much again by chance.
 *
 * Source: the backoff of client-go's reflector.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #delay = BASE;
  // when the last failure was; undefined before the first
  #failedAt: number | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Takes note of a failure, and answers with the milliseconds to wait. */
  next(): number {
    const now = this.#clock.monotonic();
    if (this.#failedAt !== undefined && now - this.#failedAt > QUIET) this.#delay = BASE;
    this.#failedAt = now;
    const delay = this.#delay;
    this.#delay = Math.min(delay * 2, LONGEST);
    return delay * (1 + this.#random.next());
  }
}
