import type { JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { isListDeletion, listNameOf, PATCH, RETAIN_KEYS } from './directives.js';
import { hasStrategy, type ListRules, type ObjectShape, objectShapeOf } from './field-rules.js';
import { directiveOf, type List } from './list-items.js';
import { fieldAt, listRulesAt, type MergePlace, pathBelowRoot, placeIn } from './merge-place.js';
import { kindOf, textOf } from './value-kind.js';

/** The paths of fields that conflict. */
type Conflicts = readonly string[];

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
  parent: MergePlace,
): Conflicts {
  return Object.keys(left).flatMap((name): Conflicts => {
    const [value, other] = [left[name], memberOf(right, name)];
    if (other === undefined || name === PATCH || name === RETAIN_KEYS) return [];
    if (isListDeletion(name)) return [pathBelowRoot(placeIn(parent, listNameOf(name) ?? name))];
    const place = placeIn(parent, name);
    if (Array.isArray(value)) return inLists(value, other, listRulesAt(place, shape, value), place);
    if (!isJsonObject(value)) return value === other ? [] : [pathBelowRoot(place)];
    const field = fieldAt(place, shape, value);
    const isReplaced = hasStrategy(field, 'replace') && haveSameDirective(value, other);
    return isReplaced ? [] : inObjects(value, other, objectShapeOf(field), place);
  });
}

function inObjects(left: unknown, right: unknown, shape: ObjectShape, place: MergePlace): Conflicts {
  return haveSameDirective(left, right)
    ? findConflicts(left as JsonObject, right as JsonObject, shape, place)
    : [pathBelowRoot(place)];
}

function inLists(left: List, right: unknown, rules: ListRules, place: MergePlace): Conflicts {
  const { merge, mergeKey, items: shape } = rules;
  const whole = [pathBelowRoot(place)];
  if (!Array.isArray(right)) return whole;
  const all: List = [...left, ...(right as List)];
  const kind = kindOf(all[0]);
  if (all.length === 0 || !all.every((item) => kindOf(item) === kind)) return whole;
  if (kind !== 'object') return merge || haveSameScalars(left, right) ? [] : whole;
  if (!merge) {
    if (left.length !== right.length) return whole;
    return left.flatMap((item, index) => inObjects(item, right[index], shape, placeIn(place, index)));
  }
  const mine = byMergeKey(left, mergeKey);
  const others = byMergeKey(right, mergeKey);
  if (!mine || !others) return whole;
  return [...mine].flatMap(([text, item]) => {
    if (!others.has(text)) return [];
    const step = `${mergeKey}=${JSON.stringify(memberOf(item, mergeKey as string))}`;
    return inObjects(item, others.get(text), shape, placeIn(place, step));
  });
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

/** Whether two values are objects, and both or neither of them is replaced or deleted. */
function haveSameDirective(left: unknown, right: unknown): boolean {
  return isJsonObject(left) && isJsonObject(right) && directiveOf(left) === directiveOf(right);
}

function haveSameScalars(left: List, right: List): boolean {
  const values = new Set(left);
  return (
    left.length === right.length &&
    right.every((value) => values.has(value)) &&
    new Set(right).size === values.size
  );
}
