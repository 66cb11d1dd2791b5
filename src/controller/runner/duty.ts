import type { Client } from '../../client/index.js';

/**
 * The right to work on some of the keys, for a time.
 *
 * Without leader election there is one that never ends. With it, each term of a leader is one; with shards, each term of each shard.
 */
export interface Duty {
  /** Which shard of the keys; 0 where they are not divided. */
  readonly shard: number;
  /** Aborts when it ends: no reconcile begins any more, and those that run are told. */
  readonly signal: AbortSignal;
  /** A client of the manager whose writes fail once it is over. */
  readonly fence: (client: Client) => Client;
}

/** How keys are divided: into one part unless there are shards. */
export interface Division {
  readonly shards: number;
  readonly shardOf: (key: string) => number;
}

export const UNDIVIDED: Division = /* @__PURE__ */ Object.freeze({ shards: 1, shardOf: () => 0 });
