import { define, type JsonObject } from '../../core/index.js';
import { isJsonObject } from '../json-object.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { type FieldSet, isMember, LEAF } from './field-set.js';
import { elementsOf } from './list-keys.js';
import { fieldElement } from './path-element.js';

/**
 * The object without these fields, each with all that is in it.
 *
 * An object, map or list that loses all that was in it becomes null, and an item of a list goes. The result shares with the object, and is
 * the object itself where it has none of the fields.
 *
 * Source: `RemoveItems` of `typed.TypedValue` in structured-merge-diff.
 */
export function removeFields(
  object: JsonObject,
  shape: ObjectShape,
  fields: FieldSet | undefined,
): JsonObject {
  return fields === undefined ? object : (removeMembers(object, shape, fields) ?? {});
}

function removeMembers(object: JsonObject, shape: ObjectShape, fields: FieldSet): JsonObject | null {
  const names = Object.keys(object);
  let result: Record<string, unknown> | undefined;
  for (const [index, name] of names.entries()) {
    const before = object[name];
    const node = fields[fieldElement(name)];
    const isKept = node === undefined || !isMember(node);
    const after =
      node === undefined || !isKept ? before : removeBelow(before, shapeOfMember(shape, name), node);
    if (result === undefined) {
      if (isKept && after === before) continue;
      result = {};
      for (const earlier of names.slice(0, index)) define(result, earlier, object[earlier]);
    }
    if (isKept) define(result, name, after);
  }
  if (names.length === 0) return null;
  if (result === undefined) return object;
  return Object.keys(result).length === 0 ? null : Object.freeze(result);
}

function removeBelow(value: unknown, shape: Shape, fields: FieldSet): unknown {
  if (fields === LEAF || typeof value !== 'object' || value === null) return value;
  if (shape.form === 'object' && isJsonObject(value)) return removeMembers(value, shape, fields);
  if (shape.form === 'list' && Array.isArray(value)) return removeItems(value, shape, fields);
  return null;
}

function removeItems(
  list: readonly unknown[],
  shape: ListShape,
  fields: FieldSet,
): readonly unknown[] | null {
  const elements = elementsOf(list, shape);
  if (elements === undefined) return null;
  const result: unknown[] = [];
  let isSame = true;
  for (const [index, element] of elements.entries()) {
    const node = fields[element];
    if (node !== undefined && isMember(node)) {
      isSame = false;
      continue;
    }
    const item = list[index];
    const rest = node === undefined ? item : removeBelow(item, shape.element, node);
    if (rest !== item) isSame = false;
    // an item has nothing left where even its keys are defaults: then it is no item any more
    if (rest !== null || item === null) result.push(rest);
  }
  if (result.length === 0) return null;
  return isSame ? list : Object.freeze(result);
}
