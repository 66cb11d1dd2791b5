import type { JsonObject } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { PATCH } from './directives.js';
import { malformed, type MergePlace, placeIn } from './merge-place.js';
import { kindOf, type ValueKind } from './value-kind.js';

export type List = readonly unknown[];

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
      const expected = isMergeable ? `nothing but items of the kind ${first}` : 'objects or scalars to merge';
      throw malformed(placeIn(place, index), expected, items[index], side);
    }
  }
  return first;
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
  side: 'before' | 'after' = 'after',
): unknown {
  const item = items[index];
  const key = isContainer(item) ? memberOf(item as JsonObject, mergeKey) : undefined;
  if (key === undefined || isContainer(key)) {
    throw malformed(
      placeIn(place, index),
      `an object with a scalar ${mergeKey}, its merge key`,
      key ?? item,
      side,
    );
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
  if (mergeKey === undefined) return items;
  return items.map((_, index) => mergeKeyAt(items, index, mergeKey, place, side));
}

export function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What `$patch` of an item says; undefined where there is none. */
export function directiveOf(item: unknown): unknown {
  return isContainer(item) ? memberOf(item as JsonObject, PATCH) : undefined;
}
