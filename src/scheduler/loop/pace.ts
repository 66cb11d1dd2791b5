import type { Clock, Executor } from '../../core/index.js';

/** No more than so many pieces of work are done in one go, however fast the clock says they are. */
const MOST_IN_A_GO = 1_000;

/** Which part of the time work takes before it is known how much it sets going, and the smallest. */
const FIRST_SHARE = 0.2;
const LEAST_SHARE = 0.02;

/**
 * Sees to it that other work of the process has its turn after some milliseconds of work here.
 *
 * All that works at the same pace counts together, with what it sets going: how much that is going to be is learnt from the last time.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #executor: Executor;
  readonly #slice: number;
  // ends when other work has had its turn; undefined while no work was done since
  #turn: Promise<void> | undefined;
  // when the first piece of work since the last turn began, and how many pieces there were
  #since = 0;
  #pieces = 0;
  // when the first piece had to wait; undefined while none had to
  #fullAt: number | undefined;
  // which part of the time between two turns went into the work itself, the rest into what it has set going: above 0, at most 1
  #share = FIRST_SHARE;

  /** @param slice - How many milliseconds of work may be done in one go. */
  constructor(clock: Clock, executor: Executor, slice: number) {
    this.#clock = clock;
    this.#executor = executor;
    this.#slice = slice;
  }

  /** Asked before a piece of work: what has to be waited for before it is done; undefined where it may be done now. */
  pause(): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (this.#turn === undefined) {
      this.#turn = this.#executor.breathe?.().then(() => this.#learn());
      this.#since = now;
      this.#pieces = 0;
      this.#fullAt = undefined;
    }
    this.#pieces += 1;
    if (this.#pieces <= MOST_IN_A_GO && now - this.#since < this.#slice * this.#share) return undefined;
    this.#fullAt ??= now;
    return this.#turn;
  }

  #learn(): void {
    this.#turn = undefined;
    const whole = this.#clock.monotonic() - this.#since;
    if (this.#fullAt === undefined || whole <= 0) return;
    const share = Math.max(LEAST_SHARE, (this.#fullAt - this.#since) / whole);
    this.#share = (this.#share + share) / 2;
  }
}
