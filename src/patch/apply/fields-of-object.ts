import type { JsonObject } from '../../core/index.js';
import { isJsonObject } from '../json-object.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { type FieldSet, type FieldSetDraft, LEAF, normalNode, SELF } from './field-set.js';
import { elementsOf, repeatedElements } from './list-keys.js';
import { fieldElement } from './path-element.js';

/** The sets of frozen parts, which never change: of the parts of an object, and of items of lists. */
const known = /* @__PURE__ */ new WeakMap<object, KnownNode>();

interface KnownNode {
  readonly shape: Shape;
  readonly isMember: boolean;
  readonly node: FieldSet | undefined;
}

/**
 * The fields that somebody has an opinion about who applies this object.
 *
 * These are its scalars, nulls, empty objects and what is owned as a whole; the items of lists; and the values of maps. A field with a
 * name in the schema is not in the set for itself where it has others below it, nor is an empty list. What equals the node of
 * `previous` at the same place is that very node.
 *
 * Source: `ToFieldSet` of `typed.TypedValue` in structured-merge-diff.
 */
export function fieldsOfObject(
  object: JsonObject,
  shape: ObjectShape,
  previous?: FieldSet,
): FieldSet | undefined {
  return nodeOfObject(object, shape, false, previous, true);
}

/** The node of a value; undefined where it has no fields. `isMember`: it is in the set for itself. */
function nodeOf(
  value: unknown,
  shape: Shape,
  isMember: boolean,
  previous: FieldSet | undefined,
  isPart: boolean,
): FieldSet | undefined {
  if (value === null || typeof value !== 'object') return LEAF;
  if (isPart) {
    const found = known.get(value);
    if (found !== undefined && found.shape === shape && found.isMember === isMember) return found.node;
    const node = nodeOf(value, shape, isMember, previous, false);
    if (Object.isFrozen(value)) known.set(value, { shape, isMember, node });
    return node;
  }
  if (shape.form === 'object' && isJsonObject(value)) {
    if (Object.keys(value).length === 0) return LEAF;
    return nodeOfObject(value, shape, isMember, previous, false);
  }
  if (shape.form === 'list' && Array.isArray(value)) return nodeOfList(value, shape, isMember, previous);
  return LEAF;
}

function nodeOfObject(
  object: JsonObject,
  shape: ObjectShape,
  isMember: boolean,
  previous: FieldSet | undefined,
  isRoot: boolean,
): FieldSet | undefined {
  const draft: FieldSetDraft = isMember ? { [SELF]: LEAF } : {};
  for (const name of Object.keys(object)) {
    const element = fieldElement(name);
    const isNamed = shape.fields.has(name);
    const node = nodeOf(object[name], shapeOfMember(shape, name), !isNamed, previous?.[element], isRoot);
    if (node !== undefined) draft[element] = node;
  }
  return shared(draft, previous);
}

function nodeOfList(
  list: readonly unknown[],
  shape: ListShape,
  isMember: boolean,
  previous: FieldSet | undefined,
): FieldSet | undefined {
  const elements = elementsOf(list, shape);
  if (elements === undefined) return LEAF;
  const repeated = repeatedElements(elements);
  const draft: FieldSetDraft = isMember ? { [SELF]: LEAF } : {};
  for (const [index, element] of elements.entries()) {
    const isRepeated = repeated?.has(element) === true;
    const node = isRepeated ? LEAF : nodeOf(list[index], shape.element, true, previous?.[element], true);
    draft[element] = node ?? LEAF;
  }
  return shared(draft, previous);
}

/** The previous node where it equals the new one, whose nodes are shared already. */
function shared(draft: FieldSetDraft, previous: FieldSet | undefined): FieldSet | undefined {
  const node = normalNode(draft);
  if (node === undefined || previous === undefined || node === LEAF) return node;
  const elements = Object.keys(node);
  if (elements.length !== Object.keys(previous).length) return node;
  return elements.every((element) => node[element] === previous[element]) ? previous : node;
}
