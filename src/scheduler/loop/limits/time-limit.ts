import type { Clock, Timer } from '../../../core/index.js';

/**
 * Tells what takes too long. Whatever is under way has the same time, so that one timer does for all of it.
 *
 * Timers that others have set for the same moment fire before.
 */
export class TimeLimit {
  /** How long each may take, in milliseconds. */
  readonly time: number;
  readonly #clock: Clock;
  // what to call where it takes too long, and the moment from which on it does: the earliest first, as all have the same time
  readonly #ends = new Map<() => void, number>();
  // set for the first end, or for a moment before it, while anything is under way
  #timer: Timer | undefined;

  constructor(clock: Clock, time: number) {
    this.#clock = clock;
    this.time = time;
  }

  /** Something begins: calls `late` once when its time is up, unless it is {@link remove}d before. `late` must not throw. */
  add(late: () => void): void {
    this.#ends.set(late, this.#clock.monotonic() + this.time);
    if (this.#timer === undefined) this.#setTimer(this.time, this.#comeDue);
  }

  /** It has ended in time. */
  remove(late: () => void): void {
    if (this.#ends.delete(late) && this.#ends.size === 0) this.#cancel();
  }

  // once more, behind the timers that others have set for this moment meanwhile
  readonly #comeDue = (): void => this.#setTimer(0, this.#tell);

  readonly #tell = (): void => {
    const now = this.#clock.monotonic();
    for (const [late, end] of this.#ends) {
      if (end > now) break;
      this.#ends.delete(late);
      late();
    }
    this.#cancel();
    for (const end of this.#ends.values()) {
      this.#setTimer(end - now, this.#comeDue);
      return;
    }
  };

  #setTimer(delay: number, task: () => void): void {
    this.#timer = this.#clock.setTimer(delay, task, { keepAlive: false });
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
