import type { JsonObject } from '../../core/index.js';
import { DEDUCED, type ObjectShape, type Shape } from './apply-shape.js';
import {
  difference,
  type FieldSet,
  type FieldSetDraft,
  intersection,
  isMember,
  LEAF,
  SELF,
  union,
} from './field-set.js';
import { fieldsOfObject } from './fields-of-object.js';
import { removeFields } from './remove-fields.js';
import { IDENTITY_FIELDS } from './identity-fields.js';

/** What decides which fields of a merged object go. */
export interface DropOptions {
  readonly shape: ObjectShape;
  /** What the manager applied before. */
  readonly last: FieldSet;
  /** What anyone owns now, the manager's new intent included. */
  readonly owned: FieldSet | undefined;
}

/**
 * The merged object without the fields that its manager applied before, does not apply any more, and nobody else owns.
 *
 * A field goes with all that is in it, unless somebody owns part of that. A field that nobody owns stays, unless it is in one that
 * goes.
 *
 * Source: `prune` of `merge.Updater` in structured-merge-diff, whose three steps these are.
 */
export function dropFields(merged: JsonObject, { shape, last, owned }: DropOptions): JsonObject {
  const all = withNamed(fieldsOfObject(merged, shape), shape);
  const mine = withNamed(last, shape);
  const others = removeFields(merged, shape, mine);
  const wanted = union(fieldsOf(others, shape), withNamed(union(owned, IDENTITY_FIELDS), shape));
  const kept = removeFields(merged, shape, difference(all, wanted));
  const gone = intersection(difference(all, fieldsOf(kept, shape)), mine);
  return removeFields(merged, shape, difference(gone, METADATA));
}

/** An object keeps its metadata, even where all that a manager wrote was there. */
const METADATA: FieldSet = /* @__PURE__ */ Object.freeze({ 'f:metadata': LEAF });

function fieldsOf(object: JsonObject, shape: ObjectShape): FieldSet | undefined {
  return withNamed(fieldsOfObject(object, shape), shape);
}

/** The set with the fields that lead to its members, as far as they have a name in the schema. */
function withNamed(fields: FieldSet | undefined, shape: ObjectShape): FieldSet | undefined {
  return fields === undefined ? undefined : nameBelow(fields, shape);
}

function nameBelow(node: FieldSet, shape: Shape): FieldSet {
  if (node === LEAF || shape === DEDUCED || (shape.form !== 'object' && shape.form !== 'list')) return node;
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(node)) {
    if (element === SELF) continue;
    const child = node[element] as FieldSet;
    const isField = shape.form === 'object' && element.startsWith('f:');
    const named = isField ? shape.fields.get(element.slice(2)) : undefined;
    const below = nameBelow(child, shape.form === 'list' ? shape.element : (named ?? shape.rest ?? DEDUCED));
    const after = named !== undefined && !isMember(below) ? { [SELF]: LEAF, ...below } : below;
    if (after !== child) (result ??= { ...node })[element] = after;
  }
  return result ?? node;
}
