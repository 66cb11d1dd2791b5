import { type ApiError, FieldError, MAX_DEPTH } from '../../core/index.js';
import { fieldFailure } from '../failure.js';
import { isJsonObject } from '../json-object.js';
import { type FieldSet, type FieldSetDraft, LEAF, normalNode, SELF, union } from './field-set.js';
import { parseElement } from './path-element.js';

/**
 * Reads the trie of a `fieldsV1`, whoever wrote it. Absent, null and empty ones are {@link LEAF}.
 *
 * @param field - Where it stands, for errors.
 * @throws ApiError Invalid where it is malformed, or more than 1,000 levels deep.
 *
 * Source: `FromJSON` of `fieldpath.Set` in structured-merge-diff. There too `.` counts whatever it holds, null is an empty node, and
 * elements of an unknown type are dropped with all below them.
 */
export function decodeFieldSet(fieldsV1: unknown, field: string, depth = 0): FieldSet {
  if (fieldsV1 === undefined || fieldsV1 === null) return LEAF;
  if (!isJsonObject(fieldsV1) || depth > MAX_DEPTH) {
    throw malformed(field, fieldsV1, `expected an object of at most ${MAX_DEPTH} levels`);
  }
  const draft: FieldSetDraft = {};
  for (const [key, value] of Object.entries(fieldsV1)) {
    // the root is no field, so it is no member either
    if (key === SELF && depth > 0) draft[SELF] = LEAF;
    const element = key === SELF ? null : parseElement(key);
    if (element === null) continue;
    if (element === undefined) throw malformed(field, key, 'expected a path element');
    draft[element] = union(draft[element], decodeFieldSet(value, field, depth + 1)) ?? LEAF;
  }
  return normalNode(draft) ?? LEAF;
}

/** The error of a `managedFields` that is none. */
export function malformed(field: string, value: unknown, expected: string): ApiError {
  return fieldFailure('Invalid', FieldError.invalid(field, value, expected));
}
