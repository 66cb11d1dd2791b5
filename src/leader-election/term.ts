import type { Client } from '../client/index.js';

/** A time for which one process leads. */
export interface Term {
  /**
   * The number of the term, larger than that of every term before: a fencing token for resources that can compare.
   *
   * It is the `leaseTransitions` of the Lease.
   */
  readonly number: number;
  readonly identity: string;
  /**
   * Aborts when the term ends, whatever ends it, and then its reason says why: where the lease was lost, a {@link LeadershipLostError}.
   *
   * It aborts before anybody else can take the lease over, unless the process itself stands still meanwhile.
   */
  readonly signal: AbortSignal;
  /**
   * The client of the lock, fenced: its writes fail with a {@link LeadershipLostError} once the lease is not held any more.
   *
   * It still writes after {@link signal} aborted because the leader is asked to stop, until the callback has ended.
   */
  readonly client: Client;
  /**
   * Another client, of which the term knows nothing, that writes only while the lease is held by this process' own clock.
   *
   * That is all that can be done for a store that does not hold the lease; writes through the client of the lock are checked by the store itself.
   */
  fence(client: Client): Client;
  /** For how many milliseconds the lease is certainly held if it is not renewed; 0 where it is not held. */
  remaining(): number;
}

/**
 * Why a term ended.
 *
 * - `returned`, `threw`: the callback did.
 * - `stopped`: the elector was told to stop.
 * - `lost`: the lease was not renewed in time, or somebody else has it.
 */
export type TermEnd = 'returned' | 'threw' | 'stopped' | 'lost';
