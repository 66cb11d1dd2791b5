import type { FieldSchema, MergeSchema, PatchStrategy } from '../merge-schema.js';

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

/** The shape of an object that a merge schema describes. */
export function shapeOf(schema: MergeSchema): ObjectShape {
  return schema.open ? { fields: schema.fields, others: ANY } : schema;
}

/** The rules of a member; undefined where the kind has no such field. */
export function fieldOf(shape: ObjectShape, name: string): FieldSchema | undefined {
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : shape.others;
}

/** The shape of the object that a field holds, or of what stands there instead of a scalar or a list: only scalars are expected in it. */
export function objectShapeOf({ type, list, map }: FieldSchema): ObjectShape {
  if (type === 'any') return { fields: NO_FIELDS, others: ANY };
  if (list || typeof type === 'string') return { fields: NO_FIELDS };
  return map ? { fields: NO_FIELDS, others: { type } } : shapeOf(type);
}

/** How lists in a field merge; undefined where the field holds no list. */
export function listRulesOf(field: FieldSchema): ListRules | undefined {
  const { type, list, map, patchMergeKey } = field;
  if (!list && (type !== 'any' || map)) return undefined;
  const merge = hasStrategy(field, 'merge');
  return {
    merge,
    mergeKey: patchMergeKey === '' ? undefined : patchMergeKey,
    items: objectShapeOf({ type }),
    retainKeys: merge && hasStrategy(field, 'retainKeys'),
  };
}

/**
 * Whether a field merges in a way: with `replace` a new object replaces the old one as a whole; with `retainKeys` a created patch says
 * which members of the object are kept.
 */
export function hasStrategy(field: FieldSchema, strategy: PatchStrategy): boolean {
  return field.patchStrategy?.includes(strategy) ?? false;
}
