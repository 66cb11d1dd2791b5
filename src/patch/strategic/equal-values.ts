import { MAX_DEPTH } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import type { MergePlace } from './merge-place.js';

/**
 * Whether two values are equal as JSON: whatever the order of members, and with undefined members for absent ones.
 *
 * @throws ApiError BadRequest where both nest more than 1,000 levels deep, counted from the roots of the place.
 */
export function equalValues(a: unknown, b: unknown, place: MergePlace): boolean {
  return areEqual(a, b, place, place.depth);
}

function areEqual(a: unknown, b: unknown, place: MergePlace, depth: number): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (depth >= MAX_DEPTH) throw tooDeep(place);
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => areEqual(item, b[index], place, depth + 1))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  const otherNames = Object.keys(b);
  let found = 0;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    // mostly both have the same members in the same order, and then the look-up of the name is saved
    const other = otherNames[index] === name ? b[name] : memberOf(b, name);
    if (!areEqual(a[name], other, place, depth + 1)) return false;
    if (other !== undefined) found += 1;
  }
  return (
    found === otherNames.length || otherNames.every((name) => b[name] === undefined || Object.hasOwn(a, name))
  );
}

/** The error for values that nest too deep. */
export function tooDeep(place: MergePlace): Error {
  return place.malformedAfter(`Expected at most ${MAX_DEPTH} levels and no cycle`);
}
