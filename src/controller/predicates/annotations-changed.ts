import { type ApiObject, jsonEqual } from '../../core/index.js';
import type { ObjectChange } from './predicate.js';

/**
 * Passes updates that change annotations; passes what comes and goes.
 *
 * Source: `predicate.AnnotationChangedPredicate` in controller-runtime.
 */
export function annotationsChanged({ before, after }: ObjectChange<ApiObject>): boolean {
  if (before === undefined || after === undefined) return true;
  return !jsonEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {});
}
