import { type JsonObject, preview } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { PATCH } from './directives.js';
import type { MergePlace } from './merge-place.js';
import { kindOf, type ValueKind } from './value-kind.js';

export type List = readonly unknown[];

/**
 * What the items of two lists are; undefined where both lists are empty.
 *
 * @throws ApiError BadRequest where they are of several kinds, or null, or lists themselves.
 */
export function kindOfItems(before: List, after: List, place: MergePlace): ValueKind | undefined {
  const first = kindOf(before.length > 0 ? before[0] : after[0]);
  if (before.length + after.length === 0) return undefined;
  checkKind(before, first, place, true);
  checkKind(after, first, place, false);
  return first;
}

function checkKind(items: List, expected: ValueKind, place: MergePlace, isBefore: boolean): void {
  const mergeable = expected !== 'list' && expected !== 'null' && expected !== 'no JSON';
  for (let index = 0; index < items.length; index += 1) {
    const kind = kindOf(items[index]);
    if (kind === expected && mergeable) continue;
    const message = mergeable
      ? `Expected every item to be of the kind ${expected}, got ${preview(items[index])}`
      : `Expected objects or scalars in a list that merges, got ${preview(items[index])}`;
    throw isBefore ? place.malformedBefore(message, index) : place.malformedAfter(message, index);
  }
}

/**
 * The merge key of the item at `index`.
 *
 * @throws ApiError BadRequest where the item has none, or one that is no scalar.
 */
export function mergeKeyAt(
  items: List,
  index: number,
  mergeKey: string,
  place: MergePlace,
  isBefore: boolean,
): unknown {
  const key = memberOf(items[index] as JsonObject, mergeKey);
  if (key === undefined || isContainer(key)) {
    const got = key === undefined ? 'an item without it' : preview(key);
    const message = `Expected a scalar as the merge key ${preview(mergeKey)}, got ${got}`;
    throw isBefore ? place.malformedBefore(message, index) : place.malformedAfter(message, index);
  }
  return key;
}

export function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** True for an item with `$patch`. */
export function hasDirective(item: unknown): boolean {
  return isContainer(item) && memberOf(item as JsonObject, PATCH) !== undefined;
}

/** True for an item that deletes another: `{ name: 'x', $patch: 'delete' }`. */
export function isDeletion(item: unknown): boolean {
  return isContainer(item) && memberOf(item as JsonObject, PATCH) === 'delete';
}
