import { define, type JsonObject } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { ranksOf } from './arrange-items.js';
import { PATCH } from './directives.js';
import type { ListRules, ObjectShape } from './field-rules.js';
import { keysOf, kindOfItems, type List, SCALARS_ONLY } from './list-items.js';
import { malformed, type MergePlace, placeIn } from './merge-place.js';
import { haveSameItems } from '../settle.js';
import { sortedBy } from '../sorted-by.js';
import { textOf } from './value-kind.js';

/** What a patch says of a list that merges; an empty list is nothing to say. */
export interface ListPatch {
  /** New and changed items, and for a list of objects those that delete. */
  readonly items: List;
  /** The scalars that are gone. */
  readonly deletions: List;
  readonly order: List;
}

/** What a patch is to say. */
export interface DifferOptions {
  /** What is new or changed. */
  readonly changes: boolean;
  /** What is gone. */
  readonly deletions: boolean;
  /** The order of lists that merge. */
  readonly order: boolean;
}

/** Creates the patch between two objects, as far as it is to say anything. */
export interface Differ {
  readonly options: DifferOptions;
  /** Undefined where there is nothing to patch. */
  diff(
    before: JsonObject,
    after: JsonObject,
    shape: ObjectShape,
    place: MergePlace,
    retainKeys: boolean,
  ): Record<string, unknown> | undefined;
}

/**
 * What a strategic merge patch says of a list that merges.
 *
 * Source: `diffLists` in k8s.io/apimachinery.
 */
export function diffLists(
  before: List,
  after: List,
  rules: ListRules,
  place: MergePlace,
  differ: Differ,
): ListPatch {
  if (before.length === 0) return { items: differ.options.changes ? after : [], deletions: [], order: [] };
  if (kindOfItems(before, after, place) !== 'object') return diffScalars(before, after, differ.options);
  if (rules.mergeKey === undefined) throw malformed(place, SCALARS_ONLY, after);
  return diffItems(before, after, rules.mergeKey, rules, place, differ);
}

function diffScalars(before: List, after: List, { changes, deletions, order }: DifferOptions): ListPatch {
  const { added, gone } = differenceOf(before, after);
  const isChanged = added.length + gone.length > 0 || !isKnownOrder(before, after);
  return {
    items: changes ? added : [],
    deletions: deletions ? gone : [],
    order: order && ((changes && isChanged) || (deletions && gone.length > 0)) ? after : [],
  };
}

function diffItems(
  before: List,
  after: List,
  mergeKey: string,
  { items: shape, retainKeys }: ListRules,
  place: MergePlace,
  differ: Differ,
): ListPatch {
  const { changes, deletions, order } = differ.options;
  const beforeKeys = keysOf(before, mergeKey, place, 'before');
  const afterKeys = keysOf(after, mergeKey, place);
  const isAligned = haveSameItems(beforeKeys, afterKeys);
  const unmatched = placesByText(isAligned ? [] : beforeKeys);
  const items: JsonObject[] = [];
  // backwards: where several items have one key, upstream compares the last ones of both lists first
  for (let index = after.length - 1; index >= 0; index -= 1) {
    const item = after[index] as JsonObject;
    const match = isAligned ? index : unmatched.get(textOf(afterKeys[index]))?.pop();
    if (match === undefined) {
      if (changes) items.push(item);
      continue;
    }
    const itemPlace = placeIn(place, match, index);
    const patch = differ.diff(before[match] as JsonObject, item, shape, itemPlace, retainKeys);
    if (patch === undefined) continue;
    define(patch, mergeKey, afterKeys[index]);
    items.push(patch);
  }
  if (items.length > 1) sortByRank(items, afterKeys, (item) => memberOf(item, mergeKey));
  if (deletions) {
    for (const text of [...unmatched.keys()].sort()) {
      for (const gone of (unmatched.get(text) ?? []).reverse()) {
        items.push({ [mergeKey]: beforeKeys[gone], [PATCH]: 'delete' });
      }
    }
  }
  const isOrdered = items.length > 0 || (changes && !isAligned);
  return {
    items,
    deletions: [],
    order: order && isOrdered ? afterKeys.map((key) => ({ [mergeKey]: key })) : [],
  };
}

/** Brings items into the order of their keys; those with the same key stay as found. */
function sortByRank<T>(items: T[], keys: List, keyOf: (item: T) => unknown): void {
  const ranks = ranksOf(keys);
  items.sort((a, b) => (ranks.get(keyOf(a)) ?? 0) - (ranks.get(keyOf(b)) ?? 0));
}

/** Where keys stand in a list, by their texts. */
function placesByText(keys: List): ReadonlyMap<string, number[]> {
  const places = new Map<string, number[]>();
  for (let index = 0; index < keys.length; index += 1) {
    const text = textOf(keys[index]);
    const known = places.get(text);
    if (known === undefined) places.set(text, [index]);
    else known.push(index);
  }
  return places;
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
  sortByRank(added, after, (value) => value);
  return { added, gone: sortedBy(gone, textOf) };
}

/**
 * Whether two lists of the same scalars need no order: they are equal and sorted by their texts.
 *
 * Upstream compares the new list to the sorted old one, so that it orders a list anew that is as it was, but not sorted; this does no
 * harm, and is done here too. It also misses that a list was sorted; this is not done here.
 */
function isKnownOrder(before: List, after: List): boolean {
  const isSorted = after.every((item, index) => index === 0 || textOf(after[index - 1]) <= textOf(item));
  return isSorted && haveSameItems(before, after);
}
