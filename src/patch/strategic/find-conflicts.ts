import { joinPath, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { isListDeletion, listNameOf, PATCH, RETAIN_KEYS } from './directives.js';
import { hasStrategy, type ListRules, type ObjectShape, objectShapeOf } from './field-rules.js';
import { directiveOf, type List } from './list-items.js';
import { fieldAt, listRulesAt, type MergePlace, placeIn } from './merge-place.js';
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
export function findConflicts(
  left: JsonObject,
  right: JsonObject,
  shape: ObjectShape,
  place: MergePlace,
): readonly string[] {
  const finder = new ConflictFinder();
  finder.compareMembers(left, right, shape, '', place);
  return finder.conflicts;
}

/** Compares two patches; the paths are texts, for they are what is wanted. */
class ConflictFinder {
  readonly conflicts: string[] = [];

  compareMembers(
    left: JsonObject,
    right: JsonObject,
    shape: ObjectShape,
    path: string,
    parent: MergePlace,
  ): void {
    for (const name of Object.keys(left)) {
      const [value, other] = [left[name], memberOf(right, name)];
      if (other === undefined || name === PATCH || name === RETAIN_KEYS) continue;
      const at = joinPath(path, name);
      const place = placeIn(parent, name);
      if (isListDeletion(name)) {
        this.conflicts.push(joinPath(path, listNameOf(name) ?? name));
      } else if (Array.isArray(value)) {
        const rules = listRulesAt(place, shape, value);
        if (!Array.isArray(other) || !this.#compareLists(value, other, rules, at, place)) {
          this.conflicts.push(at);
        }
      } else if (isJsonObject(value)) {
        const field = fieldAt(place, shape, value);
        if (hasStrategy(field, 'replace') && isJsonObject(other) && haveSameDirective(value, other)) continue;
        this.#compareObjects(value, other, objectShapeOf(field), at, place);
      } else if (value !== other) {
        this.conflicts.push(at);
      }
    }
  }

  #compareObjects(left: unknown, right: unknown, shape: ObjectShape, path: string, place: MergePlace): void {
    if (isJsonObject(left) && isJsonObject(right) && haveSameDirective(left, right)) {
      this.compareMembers(left, right, shape, path, place);
    } else {
      this.conflicts.push(path);
    }
  }

  /** Finds the conflicts in the items of two lists; false where the lists as a whole conflict. */
  #compareLists(
    left: List,
    right: List,
    { merge, mergeKey, items: shape }: ListRules,
    path: string,
    place: MergePlace,
  ): boolean {
    const all = [...left, ...right];
    const kind = kindOf(all[0]);
    if (all.length === 0 || !all.every((item) => kindOf(item) === kind)) return false;
    if (kind !== 'object') return merge || haveSameScalars(left, right);
    if (!merge) {
      if (left.length !== right.length) return false;
      for (const [index, item] of left.entries()) {
        this.#compareObjects(item, right[index], shape, `${path}[${index}]`, placeIn(place, index));
      }
      return true;
    }
    const mine = byMergeKey(left, mergeKey);
    const others = byMergeKey(right, mergeKey);
    if (mine === undefined || others === undefined) return false;
    for (const [text, item] of mine) {
      if (!others.has(text)) continue;
      const at = `${path}[${mergeKey}=${JSON.stringify(memberOf(item, mergeKey as string))}]`;
      this.#compareObjects(item, others.get(text), shape, at, placeIn(place, at));
    }
    return true;
  }
}

/** The items of a list by the texts of their merge keys; undefined where an item has none. */
function byMergeKey(items: List, mergeKey: string | undefined): ReadonlyMap<string, JsonObject> | undefined {
  const result = new Map<string, JsonObject>();
  for (const item of items as readonly JsonObject[]) {
    const key = mergeKey === undefined ? undefined : memberOf(item, mergeKey);
    if (key === undefined) return undefined;
    result.set(textOf(key), item);
  }
  return result;
}

/** False where one of two objects is replaced or deleted, and the other one is not. */
function haveSameDirective(left: JsonObject, right: JsonObject): boolean {
  return directiveOf(left) === directiveOf(right);
}

function haveSameScalars(left: List, right: List): boolean {
  const values = new Set(left);
  return (
    left.length === right.length &&
    right.every((value) => values.has(value)) &&
    new Set(right).size === values.size
  );
}
