import { type JsonObject, preview } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { arrangeItems, type Ranks, ranksOf } from './arrange-items.js';
import { PATCH } from './directives.js';
import type { ListRules, ObjectShape } from './field-rules.js';
import { hasDirective, isContainer, isDeletion, kindOfItems, type List, mergeKeyAt } from './list-items.js';
import type { MergePlace } from './merge-place.js';
import { newList } from './new-value.js';
import { settle, settleItems } from './settle.js';
import type { ValueKind } from './value-kind.js';

/** Merges an object of a patch into another. */
export type MergeObject = (target: JsonObject, patch: JsonObject, shape: ObjectShape) => JsonObject;

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
  readonly #place: MergePlace;
  readonly #mergeObject: MergeObject;

  constructor(place: MergePlace, mergeObject: MergeObject) {
    this.#place = place;
    this.#mergeObject = mergeObject;
  }

  /** The list that `patch` makes of `before`; the place is that of both. */
  merge(before: List, patch: List, rules: ListRules): List {
    if (!rules.merge) return settle(before, patch);
    const kind = kindOfItems(before, patch, this.#place);
    if (kind === undefined) return before;
    return settleItems(before, inOrderOfPatch(this.#mergeItems(before, patch, rules, kind)));
  }

  /** The same where the patch says the order; one of the lists may be absent. */
  mergeInOrder(
    before: List | undefined,
    patch: List | undefined,
    order: ElementOrder,
    rules: ListRules,
  ): List {
    const live = before ?? [];
    const kind = kindOfItems(live, patch ?? [], this.#place);
    if (kind === undefined) {
      throw this.#place.malformedAfter(`Expected items, for there is ${order.directive}`);
    }
    const { mergeKey } = rules;
    if (patch !== undefined) this.#checkOrder(patch, order, mergeKey);
    const { items, keys, filled } = this.#mergeForOrder(before, patch, order, rules, kind);
    const isFit = (kind === 'object') === (mergeKey !== undefined);
    if (!isFit && live.length + items.length + order.keys.length > 0) throw this.#wrongItems(mergeKey);
    return settleItems(live, arrangeItems({ items, keys, wanted: ranksOf(order.keys), live: filled }));
  }

  /** The keys that a `$setElementOrder` names; the place is that of the directive. */
  orderKeys(order: List, mergeKey: string | undefined): List {
    return order.map((item, index) => {
      if (isContainer(item) !== (mergeKey !== undefined)) {
        const expected = mergeKey === undefined ? 'a scalar' : `an object with ${preview(mergeKey)}`;
        throw this.#place.malformedAfter(`Expected ${expected}, got ${preview(item)}`, index);
      }
      return mergeKey === undefined ? item : mergeKeyAt(order, index, mergeKey, this.#place, false);
    });
  }

  /** The items of a patch must be among those that the order names, and come in that order. */
  #checkOrder(patch: List, { directive, keys }: ElementOrder, mergeKey: string | undefined): void {
    if (keys.length === 0) return;
    let next = 0;
    for (let index = 0; index < patch.length; index += 1) {
      if (mergeKey !== undefined && isDeletion(patch[index])) continue;
      // so that a `$patch: replace` must not come last: upstream has it so
      if (next === keys.length) throw this.#outOfOrder(directive, index);
      if (mergeKey !== undefined && hasDirective(patch[index])) continue;
      const key =
        mergeKey === undefined ? patch[index] : mergeKeyAt(patch, index, mergeKey, this.#place, false);
      while (next < keys.length && keys[next] !== key) next += 1;
      if (next === keys.length) throw this.#outOfOrder(directive, index);
      next += 1;
    }
  }

  #outOfOrder(directive: string, index: number): Error {
    return this.#place.malformedAfter(`Expected items that ${directive} names, in its order`, index);
  }

  #mergeForOrder(
    before: List | undefined,
    patch: List | undefined,
    order: ElementOrder,
    rules: ListRules,
    kind: ValueKind,
  ): Pick<MergedItems, 'items' | 'keys' | 'filled'> {
    const { mergeKey } = rules;
    if (before === undefined || patch === undefined || !rules.merge) {
      let items = patch ?? before ?? [];
      if (before === undefined) items = newList(items, true);
      const keys = this.#keysOf(items, mergeKey, patch === undefined);
      return { items, keys, filled: ranksOf((before ?? []).map(keyReader(mergeKey))) };
    }
    const merged = this.#mergeItems(before, patch, rules, kind);
    // every item of the patch has its place in the order, unless the order is empty
    if (order.keys.length > 0) return merged;
    const items = inOrderOfPatch(merged);
    return { items, keys: items.map(keyReader(mergeKey)), filled: merged.filled };
  }

  #mergeItems(
    before: List,
    patch: List,
    { mergeKey, items: shape }: ListRules,
    kind: ValueKind,
  ): MergedItems {
    if (kind === 'object' && mergeKey !== undefined)
      return this.#mergeObjects(before, patch, mergeKey, shape);
    if (kind === 'object' || mergeKey !== undefined) throw this.#wrongItems(mergeKey);
    const items = [...new Set([...before, ...patch])];
    const live = ranksOf(before);
    return { items, keys: items, wanted: patch, live, filled: live };
  }

  #mergeObjects(before: List, patch: List, mergeKey: string, shape: ObjectShape): MergedItems {
    const { deleted, replaces, changes } = this.#directivesIn(patch, mergeKey);
    const wanted = changes.map((index) => mergeKeyAt(patch, index, mergeKey, this.#place, false));
    if (replaces) {
      const filled = ranksOf(before.map(keyReader(mergeKey)));
      const items = changes.map((index) => patch[index]);
      return { items, keys: wanted, wanted: [], live: ranksOf(wanted), filled };
    }

    const items: unknown[] = [];
    const keys: unknown[] = [];
    for (let index = 0; index < before.length; index += 1) {
      const key = mergeKeyAt(before, index, mergeKey, this.#place, true);
      if (deleted.has(key)) continue;
      items.push(before[index]);
      keys.push(key);
    }
    const live = ranksOf(keys);
    const newPlaces = new Map<unknown, number>();
    for (let change = 0; change < changes.length; change += 1) {
      const index = changes[change] as number;
      const key = wanted[change];
      const place = live.get(key) ?? newPlaces.get(key);
      if (place === undefined) {
        newPlaces.set(key, items.length);
        items.push(patch[index]);
        keys.push(key);
      } else {
        this.#place.enter(place, index);
        items[place] = this.#mergeObject(items[place] as JsonObject, patch[index] as JsonObject, shape);
        this.#place.leave();
      }
    }
    const filled = deleted.size === 0 ? live : ranksOf(keys.slice(0, before.length));
    return { items, keys, wanted, live, filled };
  }

  #keysOf(items: List, mergeKey: string | undefined, isBefore: boolean): List {
    if (mergeKey === undefined) return items;
    return items.map((_, index) => mergeKeyAt(items, index, mergeKey, this.#place, isBefore));
  }

  /** What the items with `$patch` ask for, and the indices of the other items. */
  #directivesIn(
    patch: List,
    mergeKey: string,
  ): { readonly deleted: Set<unknown>; readonly replaces: boolean; readonly changes: readonly number[] } {
    const deleted = new Set<unknown>();
    const changes: number[] = [];
    let replaces = false;
    for (let index = 0; index < patch.length; index += 1) {
      const directive = memberOf(patch[index] as JsonObject, PATCH);
      if (directive === undefined) changes.push(index);
      else if (directive === 'delete') deleted.add(mergeKeyAt(patch, index, mergeKey, this.#place, false));
      else if (directive === 'replace') replaces = true;
      else {
        const message = `Expected ${PATCH} to be "replace" or "delete", got ${preview(directive)}`;
        throw this.#place.malformedAfter(message, index);
      }
    }
    return { deleted, replaces, changes };
  }

  #wrongItems(mergeKey: string | undefined): Error {
    return this.#place.malformedAfter(
      mergeKey === undefined
        ? 'Expected scalars, for the list has no merge key'
        : `Expected objects with the merge key ${preview(mergeKey)}`,
    );
  }
}

function keyReader(mergeKey: string | undefined): (item: unknown) => unknown {
  if (mergeKey === undefined) return (item) => item;
  return (item) => (isJsonObject(item) ? memberOf(item, mergeKey) : undefined);
}

function inOrderOfPatch({ items, keys, wanted, live }: MergedItems): List {
  return arrangeItems({ items, keys, wanted: ranksOf(wanted), live });
}
