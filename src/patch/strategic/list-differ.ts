import { define, type JsonObject } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { ranksOf } from './arrange-items.js';
import { PATCH } from './directives.js';
import type { ListRules, ObjectShape } from './field-rules.js';
import { kindOfItems, type List, mergeKeyAt } from './list-items.js';
import type { MergePlace } from './merge-place.js';
import { compareTexts, textOf } from './value-kind.js';

/** The patch between two objects; undefined where there is nothing to patch. */
export type DiffObjects = (
  before: JsonObject,
  after: JsonObject,
  shape: ObjectShape,
  retainKeys: boolean,
) => Record<string, unknown> | undefined;

/** What a patch says of a list that merges; an empty list is nothing to say. */
export interface ListPatch {
  /** New and changed items, and for a list of objects those that delete. */
  readonly items: List;
  /** The scalars that are gone. */
  readonly deletions: List;
  readonly order: List;
}

/** What to look for. */
export interface ListDifferOptions {
  readonly changes: boolean;
  readonly deletions: boolean;
  readonly order: boolean;
}

const NOTHING: List = [];

/**
 * Creates what strategic merge patches say of lists that merge.
 *
 * Source: `diffLists` in k8s.io/apimachinery.
 */
export class ListDiffer {
  readonly #place: MergePlace;
  readonly #options: ListDifferOptions;
  readonly #diffObjects: DiffObjects;

  constructor(place: MergePlace, options: ListDifferOptions, diffObjects: DiffObjects) {
    this.#place = place;
    this.#options = options;
    this.#diffObjects = diffObjects;
  }

  diff(before: List, after: List, rules: ListRules): ListPatch {
    if (before.length === 0) {
      return { items: this.#options.changes ? after : NOTHING, deletions: NOTHING, order: NOTHING };
    }
    const kind = kindOfItems(before, after, this.#place);
    if (kind !== 'object') return this.#diffScalars(before, after);
    if (rules.mergeKey === undefined) {
      throw this.#place.malformedAfter('Expected scalars, for the list has no merge key');
    }
    return this.#diffItems(before, after, rules.mergeKey, rules);
  }

  #diffScalars(before: List, after: List): ListPatch {
    const { changes, deletions, order } = this.#options;
    const { added, gone } = differenceOf(before, after);
    const isChanged = added.length + gone.length > 0 || !isKnownOrder(before, after);
    return {
      items: changes ? added : NOTHING,
      deletions: deletions ? gone : NOTHING,
      order: order && ((changes && isChanged) || (deletions && gone.length > 0)) ? after : NOTHING,
    };
  }

  #diffItems(
    before: List,
    after: List,
    mergeKey: string,
    { items: shape, retainKeys }: ListRules,
  ): ListPatch {
    const { changes, deletions, order } = this.#options;
    const beforeKeys = this.#keysOf(before, mergeKey, true);
    const afterKeys = this.#keysOf(after, mergeKey, false);
    const isAligned = areSame(beforeKeys, afterKeys);
    const unmatched = isAligned ? undefined : new KeyPlaces(beforeKeys);
    const items: JsonObject[] = [];
    // backwards: where several items have one key, upstream compares the last ones of both lists first
    for (let index = after.length - 1; index >= 0; index -= 1) {
      const item = after[index] as JsonObject;
      const place = unmatched === undefined ? index : unmatched.take(afterKeys[index]);
      if (place === undefined) {
        if (changes) items.push(item);
        continue;
      }
      this.#place.enter(place, index);
      const patch = this.#diffObjects(before[place] as JsonObject, item, shape, retainKeys);
      this.#place.leave();
      if (patch === undefined) continue;
      define(patch, mergeKey, afterKeys[index]);
      items.push(patch);
    }
    if (items.length > 1) sortBackwards(items, afterKeys, mergeKey);
    if (deletions && unmatched !== undefined) {
      for (const key of unmatched.rest()) items.push({ ...keyOnly(mergeKey, key), [PATCH]: 'delete' });
    }
    const isOrdered = items.length > 0 || (changes && !isAligned);
    return {
      items,
      deletions: NOTHING,
      order: order && isOrdered ? afterKeys.map((key) => keyOnly(mergeKey, key)) : NOTHING,
    };
  }

  #keysOf(items: List, mergeKey: string, isBefore: boolean): List {
    return items.map((_, index) => mergeKeyAt(items, index, mergeKey, this.#place, isBefore));
  }
}

/** Where the keys of a list stand that have not been matched yet. */
class KeyPlaces {
  readonly #keys: List;
  /** The last unmatched place of each key, by its text. */
  readonly #last = new Map<string, number>();
  /** The unmatched place of the same key before a place, where there is one. */
  readonly #previous = new Map<number, number>();

  constructor(keys: List) {
    this.#keys = keys;
    for (let index = 0; index < keys.length; index += 1) {
      const text = textOf(keys[index]);
      const previous = this.#last.get(text);
      if (previous !== undefined) this.#previous.set(index, previous);
      this.#last.set(text, index);
    }
  }

  /** The last place of the key, which is matched from now on. */
  take(key: unknown): number | undefined {
    const text = textOf(key);
    const place = this.#last.get(text);
    if (place === undefined) return undefined;
    const previous = this.#previous.get(place);
    if (previous === undefined) this.#last.delete(text);
    else this.#last.set(text, previous);
    return place;
  }

  /** The keys that are left, in the order of their texts. */
  rest(): List {
    const keys: unknown[] = [];
    for (const text of [...this.#last.keys()].sort(compareTexts)) {
      let place = this.#last.get(text);
      while (place !== undefined) {
        keys.push(this.#keys[place]);
        place = this.#previous.get(place);
      }
    }
    return keys;
  }
}

/** An object of nothing but the merge key. */
function keyOnly(mergeKey: string, key: unknown): JsonObject {
  const item: Record<string, unknown> = {};
  define(item, mergeKey, key);
  return item;
}

/** Brings items that were found from the last to the first into the order of their keys; those with the same key stay as found. */
function sortBackwards(items: JsonObject[], keys: List, mergeKey: string): void {
  const ranks = ranksOf(keys);
  if (ranks.size === keys.length) {
    items.reverse();
    return;
  }
  const rankOf = (item: JsonObject): number => ranks.get(memberOf(item, mergeKey)) ?? 0;
  items.sort((a, b) => rankOf(a) - rankOf(b));
}

/** What `after` has more than `before`, in the order of `after`, and what it has less, once each, in the order of the texts. */
function differenceOf(before: List, after: List): { readonly added: List; readonly gone: List } {
  const counts = new Map<unknown, number>();
  for (const value of before) counts.set(value, (counts.get(value) ?? 0) + 1);
  const added: unknown[] = [];
  for (const value of after) {
    const count = counts.get(value) ?? 0;
    if (count === 0) added.push(value);
    else counts.set(value, count - 1);
  }
  const gone = [...counts.keys()].filter((value) => counts.get(value) !== 0);
  gone.sort((a, b) => compareTexts(textOf(a), textOf(b)));
  const ranks = ranksOf(after);
  if (ranks.size < after.length) added.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
  return { added, gone };
}

/**
 * Whether two lists of the same scalars need no order: they are equal and sorted by their texts.
 *
 * Upstream compares the new list to the sorted old one, so that it orders a list anew that is as it was, but not sorted; this does no
 * harm, and is done here too. It also misses that a list was sorted; this is not done here.
 */
function isKnownOrder(before: List, after: List): boolean {
  if (!areSame(before, after)) return false;
  for (let index = 1; index < after.length; index += 1) {
    if (compareTexts(textOf(after[index - 1]), textOf(after[index])) > 0) return false;
  }
  return true;
}

function areSame(a: List, b: List): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
