import { jsonEqual, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { type FieldSet, type FieldSetDraft, LEAF, union } from './field-set.js';
import { everyField } from './fields-of-object.js';
import { itemsOf, Repeated } from './list-keys.js';
import { fieldElement } from './path-element.js';

/** The fields in which two objects differ. */
export interface Comparison {
  /** Those that are new, or have another value. */
  readonly changed?: FieldSet;
  readonly removed?: FieldSet;
}

/** A comparison under construction: what is below one place. */
type Draft = { -readonly [Kind in keyof Comparison]?: FieldSetDraft };

/**
 * The fields in which two objects differ. The order of lists does not count; what is identical is not looked at.
 *
 * Objects, lists and items that are new, or gone, count for themselves and for each field in them. To empty an object or a list, or to
 * set it to null, removes what was in it; between empty and null it is changed. Items that a list has more than once are
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
  for (const name of Object.keys(after)) {
    compareAt(fieldElement(name), memberOf(before, name), after[name], shapeOfMember(shape, name), draft);
  }
  for (const name of Object.keys(before)) {
    if (Object.hasOwn(after, name)) continue;
    compareAt(fieldElement(name), before[name], undefined, shapeOfMember(shape, name), draft);
  }
}

function compareItems(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  shape: ListShape,
  draft: Draft,
): void {
  for (const [element, item] of after) compareAt(element, before.get(element), item, shape.element, draft);
  for (const [element, item] of before) {
    if (!after.has(element)) compareAt(element, item, undefined, shape.element, draft);
  }
}

/** Compares two values, each of which may be undefined: absent. */
function compareAt(element: string, before: unknown, after: unknown, shape: Shape, draft: Draft): void {
  if (before === after) return;
  const isOther = before instanceof Repeated !== after instanceof Repeated;
  if (before === undefined || after === undefined || isOther) {
    if (before !== undefined) note(draft, 'removed', element, everyField(before, shape));
    if (after !== undefined) note(draft, 'changed', element, everyField(after, shape));
    return;
  }
  const inner: Draft = {};
  if (isComparedAsWhole(before, after, shape, inner) && !jsonEqual(before, after)) {
    note(draft, 'changed', element, LEAF);
  }
  note(draft, 'changed', element, inner.changed);
  note(draft, 'removed', element, inner.removed);
}

/** Compares what is in two values; true where they are to be compared as a whole too. */
function isComparedAsWhole(before: unknown, after: unknown, shape: Shape, inner: Draft): boolean {
  if (shape.form === 'object') {
    const old = isJsonObject(before) ? before : {};
    const now = isJsonObject(after) ? after : {};
    compareMembers(old, now, shape, inner);
    const areObjects = (old === before || before === null) && (now === after || after === null);
    return !areObjects || (Object.keys(old).length === 0 && Object.keys(now).length === 0);
  }
  if (shape.form !== 'list') return true;
  const old = itemsOf(before ?? [], shape);
  const now = itemsOf(after ?? [], shape);
  if (!old || !now) return true;
  compareItems(old, now, shape, inner);
  return old.size === 0 && now.size === 0;
}

function note(draft: Draft, kind: keyof Comparison, element: string, node: FieldSet | undefined): void {
  if (!node) return;
  const set = (draft[kind] ??= {});
  set[element] = union(set[element], node) ?? LEAF;
}
