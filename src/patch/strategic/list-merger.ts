import type { JsonObject } from '../../core/index.js';
import { arrangeItems, type Ranks, ranksOf } from './arrange-items.js';
import { PATCH } from './directives.js';
import type { ListRules, ObjectShape } from './field-rules.js';
import { directiveOf, isContainer, keysOf, kindOfItems, type List, mergeKeyAt } from './list-items.js';
import { malformed, type MergePlace, placeIn } from './merge-place.js';
import { newList } from './new-value.js';
import { settle, settleItems } from './settle.js';
import type { ValueKind } from './value-kind.js';

/** Merges an object of a patch into another. */
export type MergeObjects = (
  target: JsonObject,
  patch: JsonObject,
  shape: ObjectShape,
  place: MergePlace,
) => JsonObject;

/** What a `$setElementOrder` says. */
export interface ElementOrder {
  /** The name of the directive. */
  readonly directive: string;
  /** The merge keys, or the scalars, in the order that the patch asks for. */
  readonly keys: List;
}

/** The items of two lists, merged. */
interface MergedItems {
  readonly items: List;
  /** The merge keys of the items, or the items themselves where they are scalars. */
  readonly keys: List;
  /** The keys in the order of the patch. */
  readonly wanted: List;
  /** The order of the list that is patched. */
  readonly live: Ranks;
  /** The same beside a `$setElementOrder`: there, new items take the places that deleted ones left at the end. */
  readonly filled: Ranks;
}

/**
 * Merges lists of strategic merge patches.
 *
 * Source: `mergeSlice` and `mergePatchIntoOriginal` in k8s.io/apimachinery.
 */
export class ListMerger {
  readonly #mergeObjects: MergeObjects;

  constructor(mergeObjects: MergeObjects) {
    this.#mergeObjects = mergeObjects;
  }

  /** The list that `patch` makes of `before`; the place is that of both. */
  merge(before: List, patch: List, rules: ListRules, place: MergePlace): List {
    if (!rules.merge) return settle(before, patch);
    const kind = kindOfItems(before, patch, place);
    if (kind === undefined) return before;
    return settleItems(before, inOrderOfPatch(this.#mergeItems(before, patch, rules, kind, place)));
  }

  /** The same where the patch says the order; one of the lists may be absent. */
  mergeInOrder(
    before: List | undefined,
    patch: List | undefined,
    order: ElementOrder,
    rules: ListRules,
    place: MergePlace,
  ): List {
    const live = before ?? [];
    const kind = kindOfItems(live, patch ?? [], place);
    if (kind === undefined) throw malformed(place, `items, for there is ${order.directive}`, patch);
    if (patch !== undefined) checkOrder(patch, order, rules.mergeKey, place);
    const { items, keys, filled } = this.#mergeForOrder(before, patch, order, rules, kind, place);
    if (live.length + items.length + order.keys.length > 0) checkKeyed(kind, rules, items, place);
    return settleItems(live, arrangeItems({ items, keys, wanted: ranksOf(order.keys), live: filled }));
  }

  #mergeForOrder(
    before: List | undefined,
    patch: List | undefined,
    order: ElementOrder,
    rules: ListRules,
    kind: ValueKind,
    place: MergePlace,
  ): Pick<MergedItems, 'items' | 'keys' | 'filled'> {
    const { mergeKey } = rules;
    if (before === undefined || patch === undefined || !rules.merge) {
      const items = before === undefined ? newList(patch ?? [], true) : (patch ?? before);
      const keys = keysOf(items, mergeKey, place, patch === undefined ? 'before' : 'after');
      return { items, keys, filled: ranksOf(keysOf(before ?? [], mergeKey, place, 'before')) };
    }
    const merged = this.#mergeItems(before, patch, rules, kind, place);
    // every item of the patch has its place in the order, unless the order is empty
    if (order.keys.length > 0) return merged;
    const items = inOrderOfPatch(merged);
    return { items, keys: keysOf(items, mergeKey, place), filled: merged.filled };
  }

  #mergeItems(before: List, patch: List, rules: ListRules, kind: ValueKind, place: MergePlace): MergedItems {
    checkKeyed(kind, rules, patch, place);
    const { mergeKey, items: shape } = rules;
    if (mergeKey !== undefined) return this.#mergeObjectItems(before, patch, mergeKey, shape, place);
    const items = [...new Set([...before, ...patch])];
    const live = ranksOf(before);
    return { items, keys: items, wanted: patch, live, filled: live };
  }

  #mergeObjectItems(
    before: List,
    patch: List,
    mergeKey: string,
    shape: ObjectShape,
    place: MergePlace,
  ): MergedItems {
    const { deleted, replaces, changes } = directivesIn(patch, mergeKey, place);
    const wanted = changes.map((index) => mergeKeyAt(patch, index, mergeKey, place));
    const beforeKeys = keysOf(before, mergeKey, place, 'before');
    if (replaces) {
      const items = changes.map((index) => patch[index]);
      return { items, keys: wanted, wanted: [], live: ranksOf(wanted), filled: ranksOf(beforeKeys) };
    }

    const items: unknown[] = [];
    const keys: unknown[] = [];
    for (const [index, key] of beforeKeys.entries()) {
      if (deleted.has(key)) continue;
      items.push(before[index]);
      keys.push(key);
    }
    const live = ranksOf(keys);
    const newPlaces = new Map<unknown, number>();
    for (const [change, index] of changes.entries()) {
      const key = wanted[change];
      const target = live.get(key) ?? newPlaces.get(key);
      if (target === undefined) {
        newPlaces.set(key, items.length);
        items.push(patch[index]);
        keys.push(key);
      } else {
        const [item, itemPatch] = [items[target] as JsonObject, patch[index] as JsonObject];
        items[target] = this.#mergeObjects(item, itemPatch, shape, placeIn(place, target, index));
      }
    }
    const filled = deleted.size === 0 ? live : ranksOf(keys.slice(0, before.length));
    return { items, keys, wanted, live, filled };
  }
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
    const itemDirective = mergeKey === undefined ? undefined : directiveOf(patch[index]);
    if (itemDirective === 'delete') continue;
    // so that a `$patch: replace` must not come last: upstream has it so
    if (itemDirective === undefined || next === keys.length) {
      const key = mergeKey === undefined ? patch[index] : mergeKeyAt(patch, index, mergeKey, place);
      while (next < keys.length && keys[next] !== key) next += 1;
      if (next === keys.length) {
        throw malformed(placeIn(place, index), `items that ${directive} names, in its order`, patch[index]);
      }
      next += 1;
    }
  }
}

/** Objects merge by their merge key, and only scalars merge without one. */
function checkKeyed(kind: ValueKind, { mergeKey }: ListRules, items: List, place: MergePlace): void {
  if ((kind === 'object') === (mergeKey !== undefined)) return;
  const expected =
    mergeKey === undefined
      ? 'scalars, for the list has no merge key'
      : `objects with the merge key ${mergeKey}`;
  throw malformed(place, expected, items);
}

/** What the items with `$patch` ask for, and the indices of the other items. */
function directivesIn(
  patch: List,
  mergeKey: string,
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
    else throw malformed(placeIn(place, index), `${PATCH} to be replace or delete`, directive);
  }
  return { deleted, replaces, changes };
}

function inOrderOfPatch({ items, keys, wanted, live }: MergedItems): List {
  return arrangeItems({ items, keys, wanted: ranksOf(wanted), live });
}

/** The keys that a `$setElementOrder` names; the place is that of the directive. */
export function orderKeys(order: List, mergeKey: string | undefined, place: MergePlace): List {
  const container = mergeKey === undefined ? order.findIndex(isContainer) : -1;
  if (container >= 0) throw malformed(placeIn(place, container), 'a scalar', order[container]);
  return keysOf(order, mergeKey, place);
}
