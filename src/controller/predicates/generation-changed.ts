import { type ApiObject, type JsonObject, jsonEqual } from '../../core/index.js';
import type { ObjectChange } from './predicate.js';

/**
 * Passes updates that change what is wanted, and drops those of status, labels and annotations; passes what comes and goes.
 *
 * - The mark of a deletion passes.
 * - Kinds without a generation, such as ConfigMaps, are compared by their fields, all but `metadata` and `status`: elsewhere such a
 *   predicate drops all their updates. Where only the metadata is known, every change passes.
 * - A deletion and a creation that are told as one update pass.
 *
 * Source: `predicate.GenerationChangedPredicate` in controller-runtime.
 */
export function generationChanged({ before, after }: ObjectChange<ApiObject>): boolean {
  if (before === undefined || after === undefined) return true;
  const old = before.metadata;
  const now = after.metadata;
  if (old.uid !== now.uid || old.deletionTimestamp !== now.deletionTimestamp) return true;
  if (old.generation !== undefined || now.generation !== undefined) return old.generation !== now.generation;
  const [wantedBefore, wantedNow] = [wanted(before), wanted(after)];
  const isKnown = Object.keys(wantedBefore).length > 0 || Object.keys(wantedNow).length > 0;
  return isKnown ? !jsonEqual(wantedBefore, wantedNow) : old.resourceVersion !== now.resourceVersion;
}

/** The fields of an object that its generation would count the changes of. */
function wanted(object: ApiObject & { readonly status?: unknown }): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, status: _status, ...fields } = object;
  return fields;
}
