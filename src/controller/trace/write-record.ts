import type { ObjectKey } from '../../core/index.js';

/** A write of a reconcile, and what came of it. */
export interface WriteRecord {
  /** As in `create`, `update`, `patch`, `apply` or `delete`. */
  readonly verb: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined where the write was of no single object, or failed before it had a name. */
  readonly key: ObjectKey | undefined;
  readonly subresource?: string | undefined;
  /** The revision that the server answered with; undefined where it said none. */
  readonly revision?: string | undefined;
  /** The store that was written to; undefined for the manager's own. */
  readonly store?: string | undefined;
  /** `unchanged`: the object was like that before, and the revision is of an earlier write. */
  readonly outcome: 'written' | 'unchanged' | 'failed';
  /** What a write failed with. */
  readonly error?: unknown;
}
