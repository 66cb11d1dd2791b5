import type { ApiObject } from '../../core/index.js';
import type { Attempt } from './attempt.js';

/**
 * Where a workload is.
 *
 * - `active`: it is tried as soon as its turn comes.
 * - `backoff`: it is tried again when its backoff is over; sooner where there is nothing else to do, unless it failed with an error.
 * - `unschedulable`: it was rejected, and waits for an event that may change this.
 * - `gated`: `preEnqueue` of a plugin said no, and it waits for an event that may change this.
 * - `in hand`: it was popped.
 */
export type QueuePlace = 'active' | 'backoff' | 'unschedulable' | 'gated' | 'in hand';

/** What is known of a workload in the queue. All times are in milliseconds since 1970. */
export interface InspectedWorkload<W extends ApiObject> extends Attempt<W> {
  readonly place: QueuePlace;
  /** When it was added. `since` is when it was added, or failed last. */
  readonly addedAt: number;
  /** The plugins that said no last, in the order of the profile; those that say `Pending` are not among them. */
  readonly rejectedBy: readonly string[];
  readonly pendingPlugins: readonly string[];
  /** Whether it has failed with an error since. */
  readonly error: boolean;
  /** When its backoff ends; undefined where it is over. */
  readonly backoffUntil: number | undefined;
  /** When it is tried again at the latest if nothing happens; only of what is unschedulable. */
  readonly flushAt: number | undefined;
}
