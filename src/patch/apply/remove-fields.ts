import { define, type JsonObject } from '../../core/index.js';
import { isContainer, isJsonObject } from '../json-object.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { type FieldSet, isMember } from './field-set.js';
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
  return !fields ? object : (removeMembers(object, shape, fields) ?? {});
}

function removeMembers(object: JsonObject, shape: ObjectShape, fields: FieldSet): JsonObject | null {
  const result: Record<string, unknown> = {};
  let isSame = true;
  for (const name of Object.keys(object)) {
    const value = object[name];
    const node = fields[fieldElement(name)];
    const rest = remainderOf(value, shapeOfMember(shape, name), node);
    if (rest !== value) isSame = false;
    if (rest !== undefined) define(result, name, rest);
  }
  if (Object.keys(result).length === 0) return null;
  return isSame ? object : Object.freeze(result);
}

function removeItems(
  list: readonly unknown[],
  shape: ListShape,
  fields: FieldSet,
): readonly unknown[] | null {
  const elements = elementsOf(list, shape) ?? [];
  const result: unknown[] = [];
  let isSame = true;
  for (const [index, element] of elements.entries()) {
    const item = list[index];
    const rest = remainderOf(item, shape.element, fields[element]);
    if (rest !== item) isSame = false;
    // an item has nothing left where even its keys are defaults: then it is no item any more
    if (rest !== undefined && (rest !== null || item === null)) result.push(rest);
  }
  if (result.length === 0) return null;
  return isSame ? list : Object.freeze(result);
}

/** What is left of a value whose node this is; undefined where the value itself goes. */
function remainderOf(value: unknown, shape: Shape, node: FieldSet | undefined): unknown {
  if (!node) return value;
  if (isMember(node)) return undefined;
  if (!isContainer(value)) return value;
  if (shape.form === 'object' && isJsonObject(value)) return removeMembers(value, shape, node);
  return shape.form === 'list' && Array.isArray(value) ? removeItems(value, shape, node) : null;
}
