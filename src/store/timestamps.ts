import { type Clock, formatTime } from '../core/index.js';

/** The time of writes, as metadata carries it: RFC 3339 in whole seconds. */
export class Timestamps {
  readonly #clock: Clock;
  // the text of the second that was asked for last: writes come many a second
  #second = Number.NaN;
  #text = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  milliseconds(): number {
    return this.#clock.now();
  }

  now(): string {
    const now = this.#clock.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = formatTime(now);
    }
    return this.#text;
  }
}
