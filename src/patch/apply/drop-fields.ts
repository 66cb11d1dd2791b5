import type { JsonObject } from '../../core/index.js';
import type { ObjectShape } from './apply-shape.js';
import { difference, type FieldSet, intersection, LEAF, union } from './field-set.js';
import { fieldsOfObject } from './fields-of-object.js';
import { withNamedFields } from './fit-field-set.js';
import { IDENTITY_FIELDS } from './identity-fields.js';
import { removeFields } from './remove-fields.js';

/**
 * The merged object without the fields that its manager applied before (`last`) and that nobody owns now: `owned` is what anyone owns, the
 * manager's new intent included.
 *
 * A field goes with all that is in it, unless somebody owns part of that. A field that nobody owns stays, unless it is in one that
 * goes.
 *
 * Source: `prune` of `merge.Updater` in structured-merge-diff, whose three steps these are.
 */
export function dropFields(
  merged: JsonObject,
  shape: ObjectShape,
  last: FieldSet,
  owned: FieldSet | undefined,
): JsonObject {
  const named = (fields: FieldSet | undefined): FieldSet | undefined => withNamedFields(fields, shape);
  const all = named(fieldsOfObject(merged, shape));
  const mine = named(last);
  const others = removeFields(merged, shape, mine);
  const wanted = union(named(fieldsOfObject(others, shape)), named(union(owned, IDENTITY_FIELDS)));
  const kept = removeFields(merged, shape, difference(all, wanted));
  const gone = intersection(difference(all, named(fieldsOfObject(kept, shape))), mine);
  return removeFields(merged, shape, difference(gone, METADATA));
}

/** An object keeps its metadata, even where all that a manager wrote was there. */
const METADATA: FieldSet = /* @__PURE__ */ Object.freeze({ 'f:metadata': LEAF });
