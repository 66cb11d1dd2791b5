import type { Client } from '../../../client/index.js';
import type { ApiObject } from '../../../core/index.js';

/** What became of an attempt, for people and for who keeps room. */
export interface AttemptReport {
  /** Why the workload fits nowhere. */
  readonly message: string;
  /** Whether that was an error, and not a rejection. */
  readonly isError: boolean;
  /** The host on which room is kept for it, if any. */
  readonly nominated: string | undefined;
}

/** How the scheduler writes to workloads, beside binding them, which is up to plugins. */
export interface WorkloadWriter<W extends ApiObject> {
  /** Writes down that a workload fits nowhere, where its newest state does not say so already. */
  report?(client: Client, workload: W, report: AttemptReport, signal: AbortSignal): Promise<void>;
  /** Lets a workload go, to make room for another, on condition that it is still the same. */
  evict(client: Client, victim: W, preemptor: W, signal: AbortSignal): Promise<void>;
}
