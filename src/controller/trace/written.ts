import type { ObjectKey } from '../../core/index.js';
import type { Reason } from '../reason.js';
import type { RunRecord } from './run-record.js';
import type { WriteRecord } from './write-record.js';

/** A write, and the run that it is of. */
export interface Written {
  readonly run: RunRecord;
  readonly write: WriteRecord;
}

/**
 * Whether a reason with the revision of a write is about what was written.
 *
 * Where kinds are in different stores behind one server, two of them may have equal revisions.
 */
export function isWriteOf(write: WriteRecord, { kind, key }: Reason): boolean {
  return (
    (kind === undefined || write.kind === kind) &&
    (key === undefined || write.key === undefined || isSameKey(write.key, key))
  );
}

/** Whether two keys are of one object. */
export function isSameKey(a: ObjectKey, b: ObjectKey): boolean {
  return a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}
