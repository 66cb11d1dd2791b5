import type { ApiObject } from '../../core/index.js';
import type { Queued, WorkloadInfo } from '../framework/index.js';

/** A workload that was popped, as it was then. */
export interface Attempt<W extends ApiObject> extends Queued<W> {
  /** Which attempt this is; the first is 1. */
  readonly attempts: number;
}

/** Why an attempt came to nothing. Without a plugin that said no it is taken for an error. */
export interface Failure {
  /** The names of the plugins that said no. */
  readonly rejectedBy?: Iterable<string> | undefined;
  /** The names of those that said `Pending`. */
  readonly pendingPlugins?: Iterable<string> | undefined;
  /**
   * The keys of those that were placed in this attempt, beside the workload itself, and were taken off their hosts again: it was that
   * attempt that did so, and no reason to make another.
   */
  readonly own?: ReadonlySet<string> | undefined;
  /** Whether something went wrong, so that nothing is known: the workload is tried again after a while, whatever happens. */
  readonly error?: boolean | undefined;
}

/** An attempt with what the queue keeps of it until it is over. */
export class OpenAttempt<W extends ApiObject> implements Attempt<W> {
  readonly workload: WorkloadInfo<W>;
  readonly since: number;
  readonly attempts: number;
  /** The position in the log of events at which it began. */
  readonly from: number;
  /** Whether the workload was activated meanwhile. */
  activated = false;

  constructor({ workload, since, attempts }: Attempt<W>, from: number) {
    this.workload = workload;
    this.since = since;
    this.attempts = attempts;
    this.from = from;
  }
}
