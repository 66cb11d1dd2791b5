import type { ElectionTiming } from '../../leader-election/index.js';

/** Which lease decides who works, and how: see `LeaderElector`, and for shards `ShardedElector`. */
export interface LeaderElectionOptions extends ElectionTiming {
  /** The namespace of the Lease, in the manager's own store. */
  readonly namespace: string;
  /** The name of the Lease; with shards, what the names of the Leases begin with. */
  readonly name: string;
  /** Who this process is: unique among all that are alive at the same time; made by chance unless given. */
  readonly identity?: string | undefined;
  /**
   * Gives the lease up when the manager stops, so that the next leader need not wait for its end; true unless given.
   *
   * What is running then has ended, or is cut off from its store.
   */
  readonly releaseOnCancel?: boolean | undefined;
  /** Refuses to start where the server cannot check at each write that the leader still leads; false unless given. */
  readonly requireFencing?: boolean | undefined;
  /**
   * Into how many shards the keys are divided among the processes: each works on its own, all the time. Without it one process works on
   * all keys, and the others stand by.
   *
   * All processes must say the same.
   */
  readonly shards?: number | undefined;
}
