import type { ObjectKey } from '../core/index.js';

/**
 * What made a controller look at an object.
 *
 * - `add`, `update`, `delete`: something happened to an object that it watches, or to the one itself
 * - `resync`: the object was told of again, unchanged
 * - `source`: a source beside the watched kinds named it
 * - `requeueAfter`: an earlier reconcile wished to look again later
 * - `retry`: the reconcile before failed
 * - `interrupted`: the reconcile before was cut short
 * - `store`: a store was added that the controller looks at
 * - `takeover`: this process took the work over from another one
 */
export type ReasonType =
  | 'add'
  | 'update'
  | 'delete'
  | 'resync'
  | 'source'
  | 'requeueAfter'
  | 'retry'
  | 'interrupted'
  | 'store'
  | 'takeover';

/** Why a reconcile runs: for logs and traces, and never to decide what to do. Events that came together are a reason each. */
export interface Reason {
  readonly type: ReasonType;
  /** The kind of the object that something happened to. */
  readonly kind?: string | undefined;
  /** The object that something happened to. */
  readonly key?: ObjectKey | undefined;
  /** The revision of what happened: of a deletion, its own. */
  readonly revision?: string | undefined;
  /** The store that the revision is of; absent where there is only one. */
  readonly store?: string | undefined;
  /** The name of the source. */
  readonly source?: string | undefined;
  /** The id of the reconcile that asked for this one, where that is known. */
  readonly run?: string | undefined;
}
