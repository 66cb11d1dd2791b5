import { type Clock, VirtualClock } from '../../core/index.js';

/** How long work may take by a clock that is moved, in milliseconds: some timers come again for ever. */
const LONGEST_RUN = 86_400_000;

/**
 * Runs work to its end; a clock that stands still is moved from timer to timer meanwhile.
 *
 * @throws Error where the work does not end within a day of such a clock.
 */
export async function drive<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  if (!(clock instanceof VirtualClock)) return work();
  const run = { isOver: false };
  const over = (): void => {
    run.isOver = true;
  };
  const result = work();
  result.then(over, over);
  const start = clock.monotonic();
  while (clock.monotonic() - start < LONGEST_RUN) {
    // whatever can go on without the clock goes on first
    await clock.advance(0);
    if (run.isOver) return result;
    if (!(await clock.next())) throw new Error('what was to be done waits for something that never comes');
  }
  throw new Error(`what was to be done has not ended in ${LONGEST_RUN} ms of the clock`);
}

/** Waits until `condition` holds, which it may do whenever `wake` is called; fails after `patience` milliseconds of the clock. */
export class Condition {
  readonly #clock: Clock;
  readonly #patience: number;
  // those who wait; each looks again at every wake
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  wake(): void {
    for (const look of this.#waiting) look();
  }

  /** @throws Error with what `describe` says, where it does not come to hold. */
  until(condition: () => boolean, describe: () => string): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(this.#patience, () => {
        this.#waiting.delete(look);
        reject(new Error(`waited ${this.#patience} ms in vain: ${describe()}`));
      });
      const look = (): void => {
        if (!condition()) return;
        timer.cancel();
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }
}
