import { jsonEqual, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { type FieldSet, type FieldSetDraft, LEAF, SELF, union } from './field-set.js';
import { elementsOf, isSameOrder, repeatedElements } from './list-keys.js';
import { fieldElement } from './path-element.js';

/** The fields in which two objects differ. */
export interface Comparison {
  readonly added?: FieldSet;
  readonly modified?: FieldSet;
  readonly removed?: FieldSet;
}

/** A comparison under construction: what is below one place. */
interface Draft {
  added?: FieldSetDraft;
  modified?: FieldSetDraft;
  removed?: FieldSetDraft;
}

const NOTHING: JsonObject = /* @__PURE__ */ Object.freeze({});

/**
 * The fields in which two objects differ. The order of lists does not count; what is identical is not looked at.
 *
 * Objects, lists and items that are new, or gone, count for themselves and for each field in them. To empty an object or a list, or to
 * set it to null, removes what was in it; between empty and null it is modified. Items that a list has more than once are
 * compared as one.
 *
 * Source: `Compare` of `typed.TypedValue` in structured-merge-diff.
 */
export function compareObjects(before: JsonObject, after: JsonObject, shape: ObjectShape): Comparison {
  const draft: Draft = {};
  if (before !== after) compareMembers(before, after, shape, draft);
  return draft;
}

function compareMembers(before: JsonObject, after: JsonObject, shape: ObjectShape, draft: Draft): void {
  let both = 0;
  for (const name of Object.keys(after)) {
    const old = memberOf(before, name);
    if (old !== undefined) both += 1;
    if (old !== after[name])
      compareAt(fieldElement(name), old, after[name], shapeOfMember(shape, name), draft);
  }
  const names = Object.keys(before);
  if (names.length === both) return;
  for (const name of names) {
    if (Object.hasOwn(after, name)) continue;
    compareAt(fieldElement(name), before[name], undefined, shapeOfMember(shape, name), draft);
  }
}

/** Compares two values, of which at most one is undefined: absent. */
function compareAt(element: string, before: unknown, after: unknown, shape: Shape, draft: Draft): void {
  if (before === undefined) {
    if (after !== undefined) note((draft.added ??= {}), element, everyField(after, shape));
    return;
  }
  if (after === undefined) {
    note((draft.removed ??= {}), element, everyField(before, shape));
    return;
  }
  const inner: Draft = {};
  let isLeaf = true;
  if (shape.form === 'object') isLeaf = compareAsObjects(before, after, shape, inner);
  else if (shape.form === 'list') isLeaf = compareAsLists(before, after, shape, inner);
  if (inner.added !== undefined) note((draft.added ??= {}), element, inner.added);
  if (inner.modified !== undefined) note((draft.modified ??= {}), element, inner.modified);
  if (inner.removed !== undefined) note((draft.removed ??= {}), element, inner.removed);
  if (isLeaf && !jsonEqual(before, after)) note((draft.modified ??= {}), element, LEAF);
}

/** Items that occur twice are noted piece by piece. */
function note(draft: FieldSetDraft, element: string, node: FieldSet): void {
  draft[element] = union(draft[element], node) ?? LEAF;
}

/** True where the two are to be compared as a whole. */
function compareAsObjects(before: unknown, after: unknown, shape: ObjectShape, inner: Draft): boolean {
  const old = isJsonObject(before) ? before : NOTHING;
  const now = isJsonObject(after) ? after : NOTHING;
  compareMembers(old, now, shape, inner);
  const areObjects = (old === before || before === null) && (now === after || after === null);
  return !areObjects || (Object.keys(old).length === 0 && Object.keys(now).length === 0);
}

/** True where the two are to be compared as a whole. */
function compareAsLists(before: unknown, after: unknown, shape: ListShape, inner: Draft): boolean {
  const old: readonly unknown[] = Array.isArray(before) ? before : [];
  const now: readonly unknown[] = Array.isArray(after) ? after : [];
  const areLists = (Array.isArray(before) || before === null) && (Array.isArray(after) || after === null);
  if (!areLists || (old.length === 0 && now.length === 0)) return true;
  const oldElements = elementsOf(old, shape);
  const newElements = elementsOf(now, shape);
  if (oldElements === undefined || newElements === undefined) return true;
  if (isSameOrder(oldElements, newElements) && repeatedElements(newElements) === undefined) {
    for (const [index, element] of newElements.entries()) {
      if (old[index] !== now[index]) compareAt(element, old[index], now[index], shape.element, inner);
    }
    return false;
  }
  const oldItems = groupItems(old, oldElements);
  const newItems = groupItems(now, newElements);
  for (const [element, items] of newItems) {
    compareItems(element, oldItems.get(element) ?? [], items, shape.element, inner);
  }
  for (const [element, items] of oldItems) {
    if (!newItems.has(element)) compareItems(element, items, [], shape.element, inner);
  }
  return false;
}

function groupItems(
  list: readonly unknown[],
  elements: readonly string[],
): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const [index, element] of elements.entries()) {
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [list[index]]);
    else group.push(list[index]);
  }
  return groups;
}

/** Compares all items of one element. That there are several is a field of its own, with nothing in it. */
function compareItems(
  element: string,
  before: readonly unknown[],
  after: readonly unknown[],
  shape: Shape,
  draft: Draft,
): void {
  if (before.length > 1 && after.length > 1) {
    if (!jsonEqual(before, after)) note((draft.modified ??= {}), element, LEAF);
    return;
  }
  if (before.length > 1) note((draft.removed ??= {}), element, LEAF);
  if (after.length > 1) note((draft.added ??= {}), element, LEAF);
  const old = before.length === 1 ? before[0] : undefined;
  const now = after.length === 1 ? after[0] : undefined;
  if (old !== now) compareAt(element, old, now, shape, draft);
}

/** The node of a value that is new or gone as a whole: it and all in it are members. */
function everyField(value: unknown, shape: Shape): FieldSet {
  const draft: FieldSetDraft = {};
  if (shape.form === 'object' && isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      draft[fieldElement(name)] = everyField(value[name], shapeOfMember(shape, name));
    }
  } else if (shape.form === 'list' && Array.isArray(value)) {
    const elements = elementsOf(value, shape) ?? [];
    const repeated = repeatedElements(elements);
    for (const [index, element] of elements.entries()) {
      draft[element] = repeated?.has(element) === true ? LEAF : everyField(value[index], shape.element);
    }
  }
  if (Object.keys(draft).length === 0) return LEAF;
  draft[SELF] = LEAF;
  return draft;
}
