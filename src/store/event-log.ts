import type { Change } from './change.js';

/**
 * The last changes, in the order of their revisions: what watches resume from and old pages are read from.
 *
 * Bounded: when it is full, the oldest change makes room, and {@link compacted} tells how far back it still reaches.
 */
export class EventLog {
  readonly #limit: number;
  // a ring: the oldest change is at #start, #size of them follow, ordered by revision
  readonly #ring: Change[] = [];
  #start = 0;
  #size = 0;
  #compacted: number;

  /** @param compacted - The revision before the first change. */
  constructor(limit: number, compacted: number) {
    this.#limit = limit;
    this.#compacted = compacted;
  }

  /** The newest revision of which the log has forgotten a change: all changes after it are here. */
  get compacted(): number {
    return this.#compacted;
  }

  append(change: Change): void {
    if (this.#size < this.#limit) {
      this.#ring.push(change);
      this.#size += 1;
      return;
    }
    this.#compacted = (this.#ring[this.#start] as Change).revision;
    this.#ring[this.#start] = change;
    this.#start = (this.#start + 1) % this.#limit;
  }

  /** The changes after a revision, oldest first; the revision must not be older than {@link compacted}. */
  *after(revision: number): Generator<Change, void> {
    for (let index = this.#firstAfter(revision); index < this.#size; index += 1) yield this.#at(index);
  }

  #at(index: number): Change {
    return this.#ring[(this.#start + index) % this.#ring.length] as Change;
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle).revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
