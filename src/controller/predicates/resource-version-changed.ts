import type { ApiObject } from '../../core/index.js';
import type { ObjectChange } from './predicate.js';

/**
 * Drops updates that change nothing, as after a new list or at a resync; passes what comes and goes.
 *
 * Source: `predicate.ResourceVersionChangedPredicate` in controller-runtime.
 */
export function resourceVersionChanged({ before, after }: ObjectChange<ApiObject>): boolean {
  if (before === undefined || after === undefined) return true;
  return before.metadata.resourceVersion !== after.metadata.resourceVersion;
}
