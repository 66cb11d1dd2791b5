import type { Term } from './term.js';

/** A shard that a process owns for a time: the term of its lease. */
export interface Shard extends Term {
  /** Which of the shards it is: from 0 up. */
  readonly index: number;
}

/** What the owner of a shard does: until the shard's signal aborts. */
export type LeadShard = (shard: Shard) => Promise<void> | void;
