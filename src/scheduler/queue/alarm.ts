import type { Clock, Timer } from '../../core/index.js';

/** One timer, for the first of many moments. It may go off too early, but not too late. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  // set for #at, in milliseconds of the monotonic clock; undefined where nothing is waited for
  #timer: Timer | undefined;
  #at = 0;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Goes off at `at` at the latest, in milliseconds of the monotonic clock; not at all for `Infinity`. */
  set(at: number): void {
    // to set it anew each time that the first moment is a later one would cost more than to wake up for nothing
    if (this.#timer !== undefined && this.#at <= at && at !== Number.POSITIVE_INFINITY) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#at = at;
    this.#timer = this.#clock.setTimer(Math.max(0, at - this.#clock.monotonic()), () => {
      this.#timer = undefined;
      this.#onDue();
    });
  }
}
