import { DEDUCED, type ObjectShape, type Shape } from './apply-shape.js';
import { type FieldSet, type FieldSetDraft, LEAF, SELF } from './field-set.js';

/** Sets that were found to fit a shape. Neither changes. */
const fitting = /* @__PURE__ */ new WeakMap<FieldSet, ObjectShape>();

/**
 * The set as it would be under the schema of today: where that says that a field is owned as a whole, who owned a part of it owns it.
 *
 * Fields that the schema does not know stay as they are.
 *
 * Source: `ReconcileFieldSetWithSchema` in structured-merge-diff.
 */
export function reconcileFieldSet(fields: FieldSet, shape: ObjectShape): FieldSet {
  if (fitting.get(fields) === shape) return fields;
  const result = reconcile(fields, shape);
  if (result !== LEAF) fitting.set(result, shape);
  return result;
}

function reconcile(node: FieldSet, shape: Shape): FieldSet {
  if (node === LEAF || shape.form === 'leaf') return node;
  if (shape.form === 'atomic') return LEAF;
  if (shape.form === 'object' && shape.fields.size === 0 && shape.rest === DEDUCED) return node;
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(node)) {
    if (element === SELF) continue;
    const below = shapeOfElement(element, shape);
    if (below === undefined) continue;
    const before = node[element] as FieldSet;
    const after = reconcile(before, below);
    if (after !== before) (result ??= { ...node })[element] = after;
  }
  return result ?? node;
}

function shapeOfElement(
  element: string,
  shape: Exclude<Shape, { form: 'leaf' | 'atomic' }>,
): Shape | undefined {
  if (shape.form === 'list') return shape.element;
  const named = element.startsWith('f:') ? shape.fields.get(element.slice(2)) : undefined;
  return named ?? shape.rest;
}
