import type { JsonObject } from '../../core/index.js';
import { REPLACE_OR_DELETE } from './directives.js';
import { isContainer } from '../json-object.js';
import { arrangeItems, ranksOf } from './arrange-items.js';
import type { ListRules, ObjectShape } from './field-rules.js';
import {
  directiveOf,
  keysOf,
  kindOfItems,
  type List,
  mergeKeyAt,
  objectWith,
  SCALARS_ONLY,
} from './list-items.js';
import { malformed, type MergePlace, placeIn } from './merge-place.js';
import { newList } from './new-value.js';
import { settle, settleItems } from '../settle.js';
import type { ValueKind } from './value-kind.js';

/** Merges an object of a patch into another. */
export interface Merger {
  merge(target: JsonObject, patch: JsonObject, shape: ObjectShape, place: MergePlace): JsonObject;
}

/** What a `$setElementOrder` says. */
export interface ElementOrder {
  /** The name of the directive. */
  readonly directive: string;
  /** The merge keys, or the scalars, in the order that the patch asks for. */
  readonly keys: List;
}

/**
 * The list that `patch` makes of `before`; the place is that of both.
 *
 * Source: `mergeSlice` and `mergePatchIntoOriginal` in k8s.io/apimachinery.
 */
export function mergeLists(
  before: List,
  patch: List,
  rules: ListRules,
  place: MergePlace,
  merger: Merger,
): List {
  if (!rules.merge) return settle(before, patch);
  const kind = kindOfItems(before, patch, place);
  if (!kind) return before;
  checkKeyed(kind, rules, patch, place);
  return settleItems(before, mergeItems(before, patch, undefined, rules, place, merger));
}

/** The same where the patch says the order; one of the lists may be absent. */
export function mergeListsInOrder(
  before: List | undefined,
  patch: List | undefined,
  order: ElementOrder,
  rules: ListRules,
  place: MergePlace,
  merger: Merger,
): List {
  const { mergeKey } = rules;
  const live = before ?? [];
  const kind = kindOfItems(live, patch ?? [], place);
  if (!kind) throw malformed(place, `items for ${order.directive}`, patch);
  if (patch) checkOrder(patch, order, mergeKey, place);
  if (before && patch && rules.merge) {
    checkKeyed(kind, rules, patch, place);
    return settleItems(live, mergeItems(live, patch, order.keys, rules, place, merger));
  }
  const items = before ? (patch ?? before) : newList(patch ?? [], true);
  const keys = keysOf(items, mergeKey, place, patch ? 'after' : 'before');
  const liveKeys = keysOf(live, mergeKey, place, 'before');
  if (live.length + items.length + order.keys.length > 0) checkKeyed(kind, rules, items, place);
  return settleItems(live, arrangeItems(items, keys, ranksOf(order.keys), ranksOf(liveKeys)));
}

/** The items of both lists, in the order that is asked for, or in that of the patch. */
function mergeItems(
  before: List,
  patch: List,
  order: List | undefined,
  rules: ListRules,
  place: MergePlace,
  merger: Merger,
): List {
  const { mergeKey, items: shape } = rules;
  const { deleted, replaces, changes } = directivesIn(patch, mergeKey, place);
  const patchKeys = changes.map((index) => mergeKeyAt(patch, index, mergeKey, place));
  // a set has each scalar once
  const unique = mergeKey ? before : [...new Set(before)];
  const uniqueKeys = keysOf(unique, mergeKey, place, 'before');
  let items: unknown[] = [];
  let keys: unknown[] = [];
  for (const [index, key] of uniqueKeys.entries()) {
    if (deleted.has(key)) continue;
    items.push(unique[index]);
    keys.push(key);
  }
  const live = ranksOf(keys);
  let filled = live;
  if (replaces) {
    items = changes.map((index) => patch[index]);
    keys = patchKeys;
    filled = ranksOf(uniqueKeys);
  } else {
    const newPlaces = new Map<unknown, number>();
    for (const [change, index] of changes.entries()) {
      const key = patchKeys[change];
      const target = live.get(key) ?? newPlaces.get(key);
      if (target === undefined) {
        newPlaces.set(key, items.length);
        items.push(patch[index]);
        keys.push(key);
      } else if (mergeKey) {
        const [item, itemPatch] = [items[target] as JsonObject, patch[index] as JsonObject];
        items[target] = merger.merge(item, itemPatch, shape, placeIn(place, target, index));
      }
    }
    // beside an order, new items take the places that deleted ones left at the end
    if (deleted.size > 0) filled = ranksOf(keys.slice(0, before.length));
  }
  if (order?.length) return arrangeItems(items, keys, ranksOf(order), filled);
  const arranged = arrangeItems(items, keys, ranksOf(patchKeys), live);
  // an order names every item of the patch, unless it is empty
  return order ? arrangeItems(arranged, keysOf(arranged, mergeKey, place), ranksOf([]), filled) : arranged;
}

/** The items of a patch must be among those that the order names, and come in that order. */
function checkOrder(
  patch: List,
  { directive, keys }: ElementOrder,
  mergeKey: string | undefined,
  place: MergePlace,
): void {
  if (keys.length === 0) return;
  let next = 0;
  for (let index = 0; index < patch.length; index += 1) {
    const itemDirective = mergeKey && directiveOf(patch[index]);
    if (itemDirective === 'delete') continue;
    // so that a `$patch: replace` must not come last: upstream has it so
    if (itemDirective === undefined || next === keys.length) {
      const key = mergeKeyAt(patch, index, mergeKey, place);
      while (next < keys.length && keys[next] !== key) next += 1;
      if (next === keys.length) {
        throw malformed(placeIn(place, index), `items in the order of ${directive}`, patch[index]);
      }
      next += 1;
    }
  }
}

/** Objects merge by their merge key, and only scalars merge without one. */
function checkKeyed(kind: ValueKind, { mergeKey }: ListRules, items: List, place: MergePlace): void {
  if ((kind === 'object') === (mergeKey !== undefined)) return;
  throw malformed(place, mergeKey ? objectWith(mergeKey) : SCALARS_ONLY, items);
}

/** What the items with `$patch` ask for, and the indices of the other items. */
function directivesIn(
  patch: List,
  mergeKey: string | undefined,
  place: MergePlace,
): { readonly deleted: Set<unknown>; readonly replaces: boolean; readonly changes: readonly number[] } {
  const deleted = new Set<unknown>();
  const changes: number[] = [];
  let replaces = false;
  for (let index = 0; index < patch.length; index += 1) {
    const directive = directiveOf(patch[index]);
    if (directive === undefined) changes.push(index);
    else if (directive === 'delete') deleted.add(mergeKeyAt(patch, index, mergeKey, place));
    else if (directive === 'replace') replaces = true;
    else throw malformed(placeIn(place, index), REPLACE_OR_DELETE, directive);
  }
  return { deleted, replaces, changes };
}

/** The keys that a `$setElementOrder` names; the place is that of the directive. */
export function orderKeys(order: List, mergeKey: string | undefined, place: MergePlace): List {
  const container = !mergeKey ? order.findIndex(isContainer) : -1;
  if (container >= 0) throw malformed(placeIn(place, container), 'a scalar', order[container]);
  return keysOf(order, mergeKey, place);
}
