import type { JsonObject } from '../../core/index.js';
import { isContainer, isJsonObject } from '../json-object.js';
import { type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { type FieldSet, type FieldSetDraft, LEAF, normalNode, SELF } from './field-set.js';
import { itemsOf } from './list-keys.js';
import { fieldElement } from './path-element.js';

/**
 * Which of the fields that have others below them are in a set for themselves: all; those without a name in the schema, and the one
 * at hand; or only those without a name.
 */
type Marks = 'all' | 'self' | 'below';

/** The sets of frozen parts, which never change: of the parts of an object, and of items of lists. */
const known = /* @__PURE__ */ new WeakMap<object, KnownNode>();

interface KnownNode {
  readonly shape: Shape;
  readonly marks: Marks;
  readonly node: FieldSet | undefined;
}

/**
 * The fields that somebody has an opinion about who applies this object.
 *
 * These are its scalars, nulls, empty objects and what is owned as a whole; the items of lists; and the values of maps. A field with a
 * name in the schema is not in the set for itself where it has others below it, nor is an empty list.
 *
 * Source: `ToFieldSet` of `typed.TypedValue` in structured-merge-diff.
 */
export function fieldsOfObject(object: JsonObject, shape: ObjectShape): FieldSet | undefined {
  return nodeOfMembers(object, shape, 'below', knownNodeOf);
}

/** The node of a value that is new or gone as a whole: it and every field in it are members. */
export function everyField(value: unknown, shape: Shape): FieldSet {
  return knownNodeOf(value, shape, 'all') ?? LEAF;
}

function knownNodeOf(value: unknown, shape: Shape, marks: Marks): FieldSet | undefined {
  if (!isContainer(value)) return LEAF;
  const found = known.get(value);
  if (found?.shape === shape && found.marks === marks) return found.node;
  const node = nodeOf(value, shape, marks);
  if (Object.isFrozen(value)) known.set(value, { shape, marks, node });
  return node;
}

/** The node of a value; undefined where it has no fields. */
function nodeOf(value: unknown, shape: Shape, marks: Marks): FieldSet | undefined {
  if (shape.form === 'object' && isJsonObject(value)) {
    return Object.keys(value).length === 0 ? LEAF : nodeOfMembers(value, shape, marks, nodeOf);
  }
  const items = shape.form === 'list' ? itemsOf(value, shape) : undefined;
  if (shape.form !== 'list' || !items) return LEAF;
  const draft = draftOf(marks);
  for (const [element, item] of items) {
    draft[element] = knownNodeOf(item, shape.element, marks === 'all' ? marks : 'self') ?? LEAF;
  }
  return normalNode(draft);
}

function nodeOfMembers(
  object: JsonObject,
  shape: ObjectShape,
  marks: Marks,
  nodeOfValue: typeof nodeOf,
): FieldSet | undefined {
  const draft = draftOf(marks);
  for (const name of Object.keys(object)) {
    const unnamed = shape.fields.has(name) ? 'below' : 'self';
    const node = nodeOfValue(object[name], shapeOfMember(shape, name), marks === 'all' ? marks : unnamed);
    if (node) draft[fieldElement(name)] = node;
  }
  return normalNode(draft);
}

function draftOf(marks: Marks): FieldSetDraft {
  return marks === 'below' ? {} : { [SELF]: LEAF };
}
