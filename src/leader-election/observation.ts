import type { Clock } from '../core/index.js';
import { sameRecord } from './leader-election-record.js';
import type { LockEntry } from './lock.js';

/**
 * What this process has seen of a record, and since when.
 *
 * A lease is over when this process has seen no change of the record for the duration that the record names, by its own monotonic
 * clock. The times in the record are never looked at, so clocks may differ by as much as they like; they must not run at rates that
 * differ too much.
 */
export class Observation {
  readonly #clock: Clock;
  // as it was last seen; undefined where there was none
  #entry: LockEntry | undefined;
  // when its record was first seen, by the monotonic clock
  #seenAt = 0;
  // the number after the highest that was ever seen, in a record that is still there or not
  #nextNumber = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The record as it was last seen; undefined where there was none. */
  get entry(): LockEntry | undefined {
    return this.#entry;
  }

  /** Who holds the lock as far as is known, its lease over or not; undefined where nobody does. */
  get holder(): string | undefined {
    const holder = this.#entry?.record.holderIdentity;
    return holder === '' ? undefined : holder;
  }

  /** Since when the record is known, by the monotonic clock. */
  get seenAt(): number {
    return this.#seenAt;
  }

  /** The number of a term that would begin now: one more than the highest that was seen, and 0 for the first. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** How many milliseconds are left of the lease; 0 where it is over, or nobody holds it. */
  get remaining(): number {
    if (this.#entry === undefined || this.holder === undefined) return 0;
    return Math.max(0, this.#seenAt + this.#entry.record.leaseDuration - this.#clock.monotonic());
  }

  /** Takes note of the record as it is now. */
  see(entry: LockEntry | undefined): void {
    const before = this.#entry;
    this.#entry = entry;
    if (entry === undefined) return;
    this.#nextNumber = Math.max(this.#nextNumber, entry.record.leaderTransitions + 1);
    if (before !== undefined && sameRecord(before.record, entry.record)) return;
    this.#seenAt = entry.seenAt ?? this.#clock.monotonic();
  }
}
