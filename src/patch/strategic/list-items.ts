import type { JsonObject } from '../../core/index.js';
import { isContainer, memberOf } from '../json-object.js';
import { PATCH } from './directives.js';
import { malformed, type MergePlace, placeIn } from './merge-place.js';
import { kindOf, type ValueKind } from './value-kind.js';

export type List = readonly unknown[];

/** What errors expect of a list that merges without a merge key. */
export const SCALARS_ONLY = 'scalars without a merge key';

/** What errors expect of an item of a list that merges by a merge key. */
export function objectWith(mergeKey: string): string {
  return `an object with a scalar ${mergeKey}`;
}

/**
 * What the items of two lists are; undefined where both lists are empty.
 *
 * @throws ApiError BadRequest where they are of several kinds, or null, or lists themselves.
 */
export function kindOfItems(before: List, after: List, place: MergePlace): ValueKind | undefined {
  if (before.length + after.length === 0) return undefined;
  const first = kindOf(before.length > 0 ? before[0] : after[0]);
  const isMergeable = first !== 'list' && first !== 'null' && first !== 'no JSON';
  for (const side of ['before', 'after'] as const) {
    const items = side === 'before' ? before : after;
    for (let index = 0; index < items.length; index += 1) {
      if (isMergeable && kindOf(items[index]) === first) continue;
      const expected = isMergeable ? `only ${first} items` : 'objects or scalars';
      throw malformed(placeIn(place, index), expected, items[index], side);
    }
  }
  return first;
}

/**
 * The merge key of the item at `index`; where there is no merge key, the item itself.
 *
 * @throws ApiError BadRequest where the item has none, or one that is no scalar.
 */
export function mergeKeyAt(
  items: List,
  index: number,
  mergeKey: string | undefined,
  place: MergePlace,
  side: 'before' | 'after' = 'after',
): unknown {
  if (!mergeKey) return items[index];
  const item = items[index];
  const key = isContainer(item) ? memberOf(item as JsonObject, mergeKey) : undefined;
  if (key === undefined || isContainer(key)) {
    throw malformed(placeIn(place, index), objectWith(mergeKey), key ?? item, side);
  }
  return key;
}

/** The merge keys of all items; where there is no merge key, the items themselves. */
export function keysOf(
  items: List,
  mergeKey: string | undefined,
  place: MergePlace,
  side: 'before' | 'after' = 'after',
): List {
  if (!mergeKey) return items;
  return items.map((_, index) => mergeKeyAt(items, index, mergeKey, place, side));
}

/** What `$patch` of an item says; undefined where there is none. */
export function directiveOf(item: unknown): unknown {
  return isContainer(item) ? memberOf(item as JsonObject, PATCH) : undefined;
}
