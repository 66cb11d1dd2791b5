import { joinPath, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { isListDeletion, listNameOf, PATCH, RETAIN_KEYS } from './directives.js';
import { isReplaced, type ListRules, type ObjectShape, objectShapeOf } from './field-rules.js';
import type { List } from './list-items.js';
import { MergePlace } from './merge-place.js';
import { kindOf, textOf } from './value-kind.js';

/**
 * The fields that two strategic merge patches for the same object change in different ways, as in
 * `spec.template.spec.containers[name="web"].image`; the order of lists is not looked at.
 *
 * Neither sets of scalars that merge nor objects that are replaced as a whole conflict, except that both patches delete from the same
 * set. Lists that are replaced conflict unless they are equal in what both say; for scalars, in any order.
 *
 * @throws ApiError BadRequest where both have an object or a list in a field that the kind does not know.
 *
 * Source: `MergingMapsHaveConflicts` in k8s.io/apimachinery.
 */
export function findConflicts(left: JsonObject, right: JsonObject, shape: ObjectShape): readonly string[] {
  const finder = new ConflictFinder();
  finder.compareMembers(left, right, shape, '');
  return finder.conflicts;
}

/** Compares two patches; the paths are texts, for they are what is wanted. */
class ConflictFinder {
  readonly conflicts: string[] = [];
  readonly #place = new MergePlace({ before: 'current', after: 'modified' });

  compareMembers(left: JsonObject, right: JsonObject, shape: ObjectShape, path: string): void {
    for (const name of Object.keys(left)) {
      const other = memberOf(right, name);
      if (other === undefined || name === PATCH || name === RETAIN_KEYS) continue;
      if (isListDeletion(name)) {
        this.conflicts.push(joinPath(path, listNameOf(name) ?? name));
        continue;
      }
      const value = left[name];
      const at = joinPath(path, name);
      this.#place.enter(name);
      if (Array.isArray(value)) this.#compareLists(value, other, this.#place.listRules(shape), at);
      else if (isJsonObject(value)) {
        const field = this.#place.field(shape);
        if (!isJsonObject(other) || differInDirective(value, other)) this.conflicts.push(at);
        else if (!isReplaced(field)) this.compareMembers(value, other, objectShapeOf(field), at);
      } else if (value !== other) this.conflicts.push(at);
      this.#place.leave();
    }
  }

  #compareLists(left: List, right: unknown, { merge, mergeKey, items }: ListRules, path: string): void {
    if (!Array.isArray(right)) {
      this.conflicts.push(path);
      return;
    }
    const kind = kindOf(left.length > 0 ? left[0] : right[0]);
    const isAlike =
      left.every((item) => kindOf(item) === kind) && right.every((item) => kindOf(item) === kind);
    if (!isAlike || left.length + right.length === 0) {
      this.conflicts.push(path);
    } else if (merge) {
      if (kind === 'object') this.#compareByKey(left, right, mergeKey, items, path);
    } else if (left.length !== right.length) {
      this.conflicts.push(path);
    } else if (kind === 'object') {
      for (const [index, item] of left.entries()) {
        this.#compareItems(item, right[index], items, `${path}[${index}]`);
      }
    } else if (!areSameScalars(left, right)) {
      this.conflicts.push(path);
    }
  }

  #compareByKey(
    left: List,
    right: List,
    mergeKey: string | undefined,
    shape: ObjectShape,
    path: string,
  ): void {
    const mine = byMergeKey(left, mergeKey);
    const others = byMergeKey(right, mergeKey);
    if (mine === undefined || others === undefined) {
      this.conflicts.push(path);
      return;
    }
    for (const [text, { item, key }] of mine) {
      const other = others.get(text);
      if (other === undefined) continue;
      this.#compareItems(item, other.item, shape, `${path}[${mergeKey}=${JSON.stringify(key)}]`);
    }
  }

  #compareItems(left: unknown, right: unknown, shape: ObjectShape, path: string): void {
    if (!isJsonObject(left) || !isJsonObject(right) || differInDirective(left, right)) {
      this.conflicts.push(path);
    } else {
      this.compareMembers(left, right, shape, path);
    }
  }
}

interface KeyedItem {
  readonly item: unknown;
  readonly key: unknown;
}

/** The items of a list by the texts of their merge keys; undefined where an item has none. */
function byMergeKey(items: List, mergeKey: string | undefined): ReadonlyMap<string, KeyedItem> | undefined {
  const result = new Map<string, KeyedItem>();
  for (const item of items) {
    const key = mergeKey === undefined ? undefined : memberOf(item as JsonObject, mergeKey);
    if (key === undefined) return undefined;
    result.set(textOf(key), { item, key });
  }
  return result;
}

/** Whether one of two objects is replaced or deleted, and the other one is not. */
function differInDirective(left: JsonObject, right: JsonObject): boolean {
  return memberOf(left, PATCH) !== memberOf(right, PATCH);
}

function areSameScalars(left: List, right: List): boolean {
  const values = new Set(left);
  return right.every((value) => values.has(value)) && new Set(right).size === values.size;
}
