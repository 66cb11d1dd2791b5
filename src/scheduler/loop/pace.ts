import type { Clock, Executor } from '../../core/index.js';

/** No more than so many pieces of work are done in one go, however fast the clock says they are. */
const MOST_IN_A_GO = 1_000;

/** Which part of a slice goes into the work itself while it is not known what it sets going; and after which part no long piece is begun. */
const FIRST_SHARE = 0.2;

/**
 * Sees to it that other work of the process has its turn after some milliseconds of work here.
 *
 * All that works at the same pace counts together, with what it sets going: how much that is going to be for each piece is learnt from the
 * times before. A piece that takes longer than the slice is done in one go, and says nothing of those that come after it.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #executor: Executor;
  readonly #slice: number;
  // ends when other work has had its turn; undefined while no work was done since
  #turn: Promise<void> | undefined;
  // when the first piece of work since the last turn began
  #since = 0;
  // when the last one began that sets other work going, or the first one had to wait
  #until = 0;
  // how many pieces were done since, and how many of them set other work going: at most as many
  #pieces = 0;
  #causes = 0;
  // whether one had to wait
  #isFull = false;
  // how many milliseconds of work one sets going beside itself; undefined where it is not known yet
  #effect: number | undefined;

  /** @param slice - How many milliseconds of work may be done in one go. */
  constructor(clock: Clock, executor: Executor, slice: number) {
    this.#clock = clock;
    this.#executor = executor;
    this.#slice = slice;
  }

  /** Asked before a piece of work that sets other work going: what has to be waited for before it is done; undefined where it may be now. */
  pause(): Promise<void> | undefined {
    return this.#ask(1);
  }

  /** The same, before a piece of work that sets nothing going. */
  rest(): Promise<void> | undefined {
    return this.#ask(0);
  }

  /** What has to be waited for so that the next piece of work, which may take long, begins in the first part of a slice. */
  early(): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (this.#turn !== undefined && !this.#isFull && this.#isUsedUp(now, FIRST_SHARE)) {
      this.#isFull = true;
      this.#until = now;
    }
    return this.#isFull ? this.#turn : undefined;
  }

  /** What has to be waited for by what a piece of work sets going, where that piece has taken the whole slice itself. */
  overrun(): Promise<void> | undefined {
    if (this.#turn === undefined) return undefined;
    return this.#clock.monotonic() - this.#since >= this.#slice ? this.#turn : undefined;
  }

  #ask(causes: number): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (this.#turn === undefined) this.#begin(now);
    if (this.#isFull) return this.#turn;
    this.#isFull = this.#pieces >= MOST_IN_A_GO || (this.#pieces > 0 && this.#isUsedUp(now));
    if (this.#isFull || causes > 0) this.#until = now;
    if (this.#isFull) return this.#turn;
    this.#pieces += 1;
    this.#causes += causes;
    return undefined;
  }

  #isUsedUp(now: number, share = 1): boolean {
    const worked = now - this.#since;
    if (this.#causes === 0) return worked >= this.#slice * share;
    return this.#effect === undefined
      ? worked >= this.#slice * FIRST_SHARE
      : worked + this.#causes * this.#effect >= this.#slice * share;
  }

  #begin(now: number): void {
    this.#turn = this.#executor.breathe?.().then(() => this.#learn());
    this.#since = now;
    this.#pieces = 0;
    this.#causes = 0;
    this.#isFull = false;
  }

  #learn(): void {
    this.#turn = undefined;
    // of a clock that stands still nothing can be learnt
    if (this.#causes === 0 || this.#until === this.#since) return;
    const each = (this.#clock.monotonic() - this.#until) / this.#causes;
    this.#effect = ((this.#effect ?? each) + each) / 2;
  }
}
