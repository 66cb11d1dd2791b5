import { DEDUCED, type ObjectShape, type Shape } from './apply-shape.js';
import { type FieldSet, type FieldSetDraft, LEAF, SELF, withSelf } from './field-set.js';

/** Sets that were found to fit a shape. Neither changes. */
const fitting = /* @__PURE__ */ new WeakMap<FieldSet, ObjectShape>();

/**
 * The set as it would be under the schema of today: where that says that a field is owned as a whole, who owned a part of it owns it.
 *
 * Fields that the schema does not know stay as they are.
 *
 * Source: `ReconcileFieldSetWithSchema` in structured-merge-diff.
 */
export function fitFieldSet(fields: FieldSet, shape: ObjectShape): FieldSet {
  if (fitting.get(fields) === shape) return fields;
  const result = fit(fields, shape, false);
  fitting.set(result, shape);
  return result;
}

/**
 * The set with the fields that lead to its members, as far as they have a name in the schema.
 *
 * Source: `EnsureNamedFieldsAreMembers` in structured-merge-diff.
 */
export function withNamedFields(fields: FieldSet | undefined, shape: ObjectShape): FieldSet | undefined {
  return fields === undefined ? undefined : fit(fields, shape, true);
}

function fit(node: FieldSet, shape: Shape, marksNamed: boolean): FieldSet {
  if (node === LEAF || shape.form === 'leaf') return node;
  if (shape.form === 'atomic') return LEAF;
  // what is deduced fits anything
  if (shape === DEDUCED || (shape.form === 'object' && shape.fields.size === 0 && shape.rest === DEDUCED)) {
    return node;
  }
  const fields = shape.form === 'object' ? shape.fields : undefined;
  const rest = shape.form === 'object' ? shape.rest : shape.element;
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(node)) {
    const named = fields?.get(element.slice(2));
    const below = named ?? rest;
    if (!below || element === SELF) continue;
    const before = node[element] as FieldSet;
    const fitted = fit(before, below, marksNamed);
    const after = marksNamed && named ? withSelf(fitted) : fitted;
    if (after !== before) (result ??= { ...node })[element] = after;
  }
  return result ?? node;
}
