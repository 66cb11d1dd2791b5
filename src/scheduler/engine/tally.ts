import type { Verdict } from '../framework/index.js';

/** Counts verdicts, of which many in a row are the same. */
export class Tally {
  readonly counts: Map<Verdict, number>;
  // the verdict that was counted last, and how often it was since it is in `counts`
  #last: Verdict | undefined;
  #times = 0;

  /** @param counts - What was counted before. */
  constructor(counts: ReadonlyMap<Verdict, number> = new Map()) {
    this.counts = new Map(counts);
  }

  add(verdict: Verdict): void {
    if (verdict !== this.#last) {
      this.finish();
      this.#last = verdict;
    }
    this.#times += 1;
  }

  /** Takes one back that was counted before. */
  remove(verdict: Verdict): void {
    const times = (this.counts.get(verdict) ?? 0) - 1;
    if (times === 0) this.counts.delete(verdict);
    else this.counts.set(verdict, times);
  }

  /** Brings `counts` up to date. */
  finish(): ReadonlyMap<Verdict, number> {
    if (this.#last !== undefined) {
      const times = (this.counts.get(this.#last) ?? 0) + this.#times;
      if (times === 0) this.counts.delete(this.#last);
      else this.counts.set(this.#last, times);
    }
    this.#last = undefined;
    this.#times = 0;
    return this.counts;
  }
}
