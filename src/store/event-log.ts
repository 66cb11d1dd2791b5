import type { Change } from './change.js';

/** How much a log keeps. */
export interface Retention {
  /** The most changes. */
  readonly changes: number;
  /** For how many milliseconds a change is kept; what is older goes with the next change. */
  readonly age: number;
}

/**
 * The last changes, in the order of their revisions: what watches resume from and the past is read from.
 *
 * Bounded: the oldest changes make room when it is full, or when they are too old, and {@link compacted} tells how far back it still
 * reaches.
 */
export class EventLog {
  readonly #retention: Retention;
  // a ring: the oldest change is at #start, #size of them follow, ordered by revision and time; the other places are empty
  #ring: (Change | undefined)[] = [];
  #start = 0;
  #size = 0;
  #compacted: number;

  /** @param compacted - The revision before the first change. */
  constructor(retention: Retention, compacted: number) {
    this.#retention = retention;
    this.#compacted = compacted;
  }

  /** The newest revision of which the log has forgotten a change: all changes after it are here. */
  get compacted(): number {
    return this.#compacted;
  }

  append(change: Change): void {
    const { changes, age } = this.#retention;
    while (this.#size > 0 && this.#at(0).time < change.time - age) this.#dropOldest();
    if (this.#size === changes) this.#dropOldest();
    if (this.#size === this.#ring.length) {
      // a full ring grows at its end, which is its seam
      if (this.#start > 0) {
        this.#ring = [...this.#ring.slice(this.#start), ...this.#ring.slice(0, this.#start)];
        this.#start = 0;
      }
      this.#ring.push(change);
    } else {
      this.#ring[(this.#start + this.#size) % this.#ring.length] = change;
    }
    this.#size += 1;
  }

  /** Forgets the changes up to a revision, which must be one that the store has reached. */
  compact(revision: number): void {
    while (this.#size > 0 && this.#at(0).revision <= revision) this.#dropOldest();
    this.#compacted = Math.max(this.#compacted, revision);
  }

  /** Forgets everything: the past begins at a revision. */
  restart(revision: number): void {
    this.#ring = [];
    this.#start = 0;
    this.#size = 0;
    this.#compacted = revision;
  }

  /** The changes after a revision, oldest first; the revision must not be older than {@link compacted}. */
  *after(revision: number): Generator<Change, void> {
    for (let index = this.#firstAfter(revision); index < this.#size; index += 1) yield this.#at(index);
  }

  #dropOldest(): void {
    this.#compacted = this.#at(0).revision;
    this.#ring[this.#start] = undefined;
    this.#start = (this.#start + 1) % this.#ring.length;
    this.#size -= 1;
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
