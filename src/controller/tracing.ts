import type { ReconcileOutcome } from './reconcile-outcome.js';

/** A reconcile that begins. */
export interface TracedRun {
  /** Unique among the runs of a manager. */
  readonly id: string;
  readonly controller: string;
  /** As in `namespace/name`. */
  readonly key: string;
  /** Absent for the manager's own store. */
  readonly store?: string | undefined;
  /** 1 for the first try, one more for each that failed in a row. */
  readonly attempt: number;
  /** Why it runs, for people. */
  readonly reasons: readonly string[];
  /** The ids of the runs whose writes made the events that asked for it. */
  readonly causes: readonly string[];
}

/** A write of a reconcile that was answered. */
export interface TracedWrite {
  /** As the method of the client. */
  readonly verb: string;
  readonly kind: string;
  readonly key: string;
  /** The revision that came of it, where the answer says so. */
  readonly revision?: string | undefined;
  /** What it failed with. */
  readonly failed?: unknown;
}

/** A reconcile that is traced. */
export interface ReconcileSpan {
  wrote(write: TracedWrite): void;
  /** The last call. @param error - What was thrown, where it failed. */
  ended(outcome: ReconcileOutcome, error?: unknown): void;
  /** Calls `fn` so that what it does, also after its first `await`, belongs to this span; answers as it does. */
  run?<T>(fn: () => T): T;
}

/**
 * The port of traces: told of every reconcile of one manager.
 *
 * Its methods are called in the course of the reconcile, so they must be quick, and must not throw.
 */
export interface ReconcileTracer {
  began(run: TracedRun): ReconcileSpan;
}
