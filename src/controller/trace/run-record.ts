import type { ObjectKey } from '../../core/index.js';
import type { Reason } from '../reason.js';
import type { ReconcileOutcome } from '../reconcile-outcome.js';
import type { WriteRecord } from './write-record.js';

/** A reconcile that begins. */
export interface RunStart {
  /** Unique in a trace, as in `website#17`: what is before the last `#` is not shown to people. */
  readonly id: string;
  readonly controller: string;
  /** The store that the request names; undefined for the manager's own. */
  readonly store: string | undefined;
  readonly key: ObjectKey;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly reasons: readonly Reason[];
  /** In milliseconds since 1970, as {@link RunRecord.endedAt}. */
  readonly startedAt: number;
}

/** A reconcile, and what it wrote. Only the trace that made it changes it. */
export interface RunRecord extends RunStart {
  /** Counts the runs of a trace. */
  readonly sequence: number;
  /** In the order in which they were answered. */
  readonly writes: readonly WriteRecord[];
  /** Undefined while it runs, as {@link outcome}. */
  readonly endedAt: number | undefined;
  readonly outcome: ReconcileOutcome | undefined;
  /** What it failed with, or was cut short with. */
  readonly error: unknown;
}
