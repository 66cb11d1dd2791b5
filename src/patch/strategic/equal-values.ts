import { MAX_DEPTH } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { malformed, type MergePlace } from './merge-place.js';

/**
 * Whether two values are equal as JSON: whatever the order of members, and with undefined members for absent ones.
 *
 * @throws ApiError BadRequest where both nest more than 1,000 levels deep, counted from the roots of the place.
 */
export function equalValues(a: unknown, b: unknown, place: MergePlace, depth: number = place.depth): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    checkDepth(depth, place, b);
    return a.length === b.length && a.every((item, index) => equalValues(item, b[index], place, depth + 1));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  checkDepth(depth, place, b);
  const names = Object.keys(a);
  const others = Object.keys(b);
  // mostly both have the same members in the same order, and then look-ups are saved
  return (
    names.every((name, index) =>
      equalValues(a[name], others[index] === name ? b[name] : memberOf(b, name), place, depth + 1),
    ) &&
    others.every((name, index) => names[index] === name || b[name] === undefined || Object.hasOwn(a, name))
  );
}

/** @throws ApiError BadRequest where the value at a depth would be one level too deep; the place is that of a value around it. */
export function checkDepth(depth: number, place: MergePlace, value: unknown): void {
  if (depth >= MAX_DEPTH) throw malformed(place, `at most ${MAX_DEPTH} levels and no cycle`, value);
}
