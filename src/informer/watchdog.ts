import type { Clock, Timer } from '../core/index.js';

/** Calls out, once, when something has given no sign of life for a time. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #onSilence: () => void;
  // both in milliseconds
  #patience: number;
  #lastSign: number;
  // armed until it called out, or was stopped; it may come early, and is armed again for the rest then
  #timer: Timer | undefined;

  /** @param patience - In milliseconds. */
  constructor(clock: Clock, patience: number, onSilence: () => void) {
    this.#clock = clock;
    this.#patience = patience;
    this.#onSilence = onSilence;
    this.#lastSign = clock.monotonic();
    this.#arm(patience);
  }

  /** A sign of life. */
  pat(): void {
    this.#lastSign = this.#clock.monotonic();
  }

  /** A sign of life, after which silence may be as long as this. */
  patFor(patience: number): void {
    this.pat();
    this.#patience = patience;
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#arm(patience);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.setTimer(delay, () => this.#look(), { keepAlive: false });
  }

  #look(): void {
    const left = this.#lastSign + this.#patience - this.#clock.monotonic();
    if (left > 0) {
      this.#arm(left);
    } else {
      this.#timer = undefined;
      this.#onSilence();
    }
  }
}
