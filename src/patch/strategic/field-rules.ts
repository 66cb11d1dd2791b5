import type { FieldSchema, MergeSchema } from '../merge-schema.js';

/** What is known of the members of an object. */
export interface ObjectShape {
  readonly fields: MergeSchema['fields'];
  /** What every member that is not listed holds; where there is none, no such member may hold an object or a list that merges. */
  readonly others?: FieldSchema | undefined;
}

/** How two lists become one. */
export interface ListRules {
  /** `false`: the new list replaces the old one. */
  readonly merge: boolean;
  /** The member that tells items apart; undefined for a set of scalars. */
  readonly mergeKey: string | undefined;
  readonly items: ObjectShape;
  /** Whether a created patch says which members of an item are kept. */
  readonly retainKeys: boolean;
}

const ANY: FieldSchema = /* @__PURE__ */ Object.freeze({ type: 'any' });
const NO_FIELDS: MergeSchema['fields'] = /* @__PURE__ */ Object.freeze({});
/** An object of any shape. */
const OPEN: ObjectShape = /* @__PURE__ */ Object.freeze({ fields: NO_FIELDS, others: ANY });
/** An object in which only scalars are expected. */
const FLAT: ObjectShape = /* @__PURE__ */ Object.freeze({ fields: NO_FIELDS });

/** The shape of an object that a merge schema describes. */
export function shapeOf(schema: MergeSchema): ObjectShape {
  return schema.open ? { fields: schema.fields, others: ANY } : schema;
}

/** The rules of a member; undefined where the kind has no such field. */
export function fieldOf(shape: ObjectShape, name: string): FieldSchema | undefined {
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : shape.others;
}

/** The shape of the object that a field holds, or of what stands there instead of a scalar or a list. */
export function objectShapeOf(field: FieldSchema): ObjectShape {
  if (field.type === 'any') return OPEN;
  if (field.list) return FLAT;
  if (typeof field.type === 'string') return FLAT;
  return field.map ? { fields: NO_FIELDS, others: { type: field.type } } : shapeOf(field.type);
}

/** How lists in a field merge; undefined where the field holds no list. */
export function listRulesOf(field: FieldSchema): ListRules | undefined {
  if (!field.list && (field.type !== 'any' || field.map)) return undefined;
  const merge = field.patchStrategy?.includes('merge') ?? false;
  return {
    merge,
    mergeKey: field.patchMergeKey === '' ? undefined : field.patchMergeKey,
    items: itemShapeOf(field),
    retainKeys: merge && retainsKeys(field),
  };
}

function itemShapeOf(field: FieldSchema): ObjectShape {
  if (field.type === 'any') return OPEN;
  return typeof field.type === 'string' || field.map ? FLAT : shapeOf(field.type);
}

/** Whether a new object in the field replaces the old one as a whole. */
export function isReplaced(field: FieldSchema): boolean {
  return field.patchStrategy?.includes('replace') ?? false;
}

/** Whether a created patch says which members of the object are kept. */
export function retainsKeys(field: FieldSchema): boolean {
  return field.patchStrategy?.includes('retainKeys') ?? false;
}
