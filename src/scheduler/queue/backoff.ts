import { preview } from '../../core/index.js';

/** Ends of backoffs after rejections are put off to the end of such a stretch of time: what ends together is tried in order. */
const STRETCH = 1_000;

/** How long a workload that has failed is not tried again. */
export class Backoff {
  readonly #initial: number;
  readonly #max: number;
  readonly #stretch: number;

  /** @throws RangeError where `initial` is not above 0, or `max` is below it. */
  constructor(initial = 1_000, max = 10_000) {
    if (!(Number.isFinite(initial) && initial > 0)) {
      throw new RangeError(`Expected initialBackoff to be a finite number above 0, got ${preview(initial)}`);
    }
    if (!(Number.isFinite(max) && max >= initial)) {
      throw new RangeError(
        `Expected maxBackoff to be a finite number of at least ${initial}, got ${preview(max)}`,
      );
    }
    this.#initial = initial;
    this.#max = max;
    this.#stretch = Math.min(STRETCH, initial);
  }

  /** When a workload may be tried again that was rejected for the `times`th time at `now`, both in milliseconds. */
  afterRejection(times: number, now: number): number {
    return Math.ceil((now + this.#delay(times)) / this.#stretch) * this.#stretch;
  }

  /** When one may be tried again that has failed with an error for the `times`th time in a row. */
  afterError(times: number, now: number): number {
    return now + this.#delay(times);
  }

  #delay(times: number): number {
    return Math.min(this.#max, this.#initial * 2 ** (times - 1));
  }
}
