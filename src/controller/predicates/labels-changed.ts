import { type ApiObject, jsonEqual } from '../../core/index.js';
import type { ObjectChange } from './predicate.js';

/**
 * Passes updates that change labels; passes what comes and goes.
 *
 * Source: `predicate.LabelChangedPredicate` in controller-runtime.
 */
export function labelsChanged({ before, after }: ObjectChange<ApiObject>): boolean {
  if (before === undefined || after === undefined) return true;
  return !jsonEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {});
}
