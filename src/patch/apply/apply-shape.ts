import { deepFreeze } from '../../core/index.js';
import type { FieldSchema, MergeSchema, ScalarType } from '../merge-schema.js';

/**
 * How server-side apply sees a value: what does not depend on the value is worked out.
 *
 * Source: `schema.Atom` in structured-merge-diff.
 */
export type Shape = LeafShape | AtomicShape | ObjectShape | ListShape;

/** A string, number or boolean, which is owned as a whole. */
export interface LeafShape {
  readonly form: 'leaf';
  readonly scalar: 'string' | 'number' | 'boolean' | 'any';
}

/** A list, map or object that is owned as a whole; what is in it is only looked at to find out whether it is legal. */
interface AtomicShape {
  readonly form: 'atomic';
  /** `any`: whatever JSON allows. */
  readonly holds: 'list' | 'object' | 'any';
  /** The shape of the list's items, or of the object. */
  readonly content: Shape;
}

/** An object or a map: each of its fields is owned alone. */
export interface ObjectShape {
  readonly form: 'object';
  /** The fields that have a name in the schema: each is owned through what is in it. A map has none. */
  readonly fields: ReadonlyMap<string, Shape>;
  /** The shape of the values of a map, or of fields that are not listed; undefined where no other field is legal. */
  readonly rest: Shape | undefined;
  /** The value may also be a scalar, or a list that is owned as a whole. */
  readonly loose: boolean;
}

/** A list whose items are owned alone: a set of scalars, or objects that are told apart by keys. */
export interface ListShape {
  readonly form: 'list';
  /** In the order of their names; none for a set. */
  readonly keys: readonly KeyShape[];
  readonly element: Shape;
}

export interface KeyShape {
  readonly name: string;
  /** What counts where an item does not have the key; undefined where nothing does. */
  readonly default: unknown;
}

/** What there is to know without a schema: objects merge, lists are owned as a whole. */
export const DEDUCED: ObjectShape = /* @__PURE__ */ makeDeduced();

function makeDeduced(): ObjectShape {
  const shape: { -readonly [K in keyof ObjectShape]: ObjectShape[K] } = {
    form: 'object',
    fields: new Map(),
    rest: undefined,
    loose: true,
  };
  shape.rest = shape;
  return Object.freeze(shape);
}

/** Shapes of frozen schemas, which never change. */
const shapes = /* @__PURE__ */ new WeakMap<MergeSchema, ObjectShape>();
const roots = /* @__PURE__ */ new WeakMap<MergeSchema, ObjectShape>();

/**
 * The shape of whole objects; without a schema, what can be deduced.
 *
 * `apiVersion`, `kind` and `metadata` are the same in every kind, whatever its schema says of them.
 */
export function rootShape(schema: MergeSchema | undefined): ObjectShape {
  if (schema === undefined) return DEDUCED;
  const known = roots.get(schema);
  if (known !== undefined) return known;
  const { fields, rest, loose } = shapeOfSchema(schema, new WeakMap());
  const common = shapeOfSchema(COMMON_FIELDS, shapes);
  const root: ObjectShape = { form: 'object', fields: new Map([...fields, ...common.fields]), rest, loose };
  if (Object.isFrozen(schema)) roots.set(schema, root);
  return root;
}

function shapeOfSchema(schema: MergeSchema, local: WeakMap<MergeSchema, ObjectShape>): ObjectShape {
  const cache = Object.isFrozen(schema) ? shapes : local;
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const fields = new Map<string, Shape>();
  const shape: ObjectShape = {
    form: 'object',
    fields,
    rest: schema.open === true ? DEDUCED : undefined,
    loose: false,
  };
  // before its fields, for a schema may contain itself
  cache.set(schema, shape);
  for (const name of Object.keys(schema.fields)) {
    fields.set(name, shapeOfField(schema.fields[name] as FieldSchema, local));
  }
  return shape;
}

function shapeOfField(field: FieldSchema, local: WeakMap<MergeSchema, ObjectShape>): Shape {
  const base = typeof field.type === 'string' ? shapeOfScalar(field.type) : shapeOfSchema(field.type, local);
  const isAtomic = field.atomic === true;
  if (field.list === true) {
    if (field.listType === undefined || field.listType === 'atomic') {
      return { form: 'atomic', holds: 'list', content: base };
    }
    const names = field.listType === 'map' ? [...(field.listMapKeys ?? [])].sort() : [];
    const keys = names.map((name) => keyShape(name, field.type));
    return { form: 'list', keys, element: isAtomic ? atomicShape(base) : base };
  }
  if (field.map === true) {
    const map: ObjectShape = { form: 'object', fields: new Map(), rest: base, loose: false };
    return isAtomic ? { form: 'atomic', holds: 'object', content: map } : map;
  }
  return isAtomic ? atomicShape(base) : base;
}

function atomicShape(base: Shape): Shape {
  if (base.form === 'leaf') return base;
  return { form: 'atomic', holds: base === DEDUCED ? 'any' : 'object', content: base };
}

/** A required key without a default counts as the empty text, 0 or false where an item lacks it, as in Kubernetes' own kinds. */
function keyShape(name: string, element: ScalarType | MergeSchema): KeyShape {
  const fields = typeof element === 'string' ? {} : element.fields;
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return { name, default: field?.default ?? (field?.required === true ? emptyValue(field) : undefined) };
}

function emptyValue({ type }: FieldSchema): unknown {
  const shape = typeof type === 'string' ? shapeOfScalar(type) : DEDUCED;
  if (shape.form !== 'leaf') return undefined;
  switch (shape.scalar) {
    case 'string':
      return '';
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'any':
      return undefined;
  }
}

function shapeOfScalar(type: ScalarType): Shape {
  switch (type) {
    case 'string':
    case 'bytes':
      return STRING;
    case 'integer':
    case 'number':
      return NUMBER;
    case 'boolean':
      return BOOLEAN;
    case 'quantity':
    case 'time':
    case 'microTime':
    case 'intOrString':
      return SCALAR;
    case 'any':
      return DEDUCED;
  }
}

const STRING: LeafShape = { form: 'leaf', scalar: 'string' };
const NUMBER: LeafShape = { form: 'leaf', scalar: 'number' };
const BOOLEAN: LeafShape = { form: 'leaf', scalar: 'boolean' };
const SCALAR: LeafShape = { form: 'leaf', scalar: 'any' };

/** The shape of a field of an object. One that the schema does not know, in an object from elsewhere, counts as deduced. */
export function shapeOfMember(shape: ObjectShape, name: string): Shape {
  return shape.fields.get(name) ?? shape.rest ?? DEDUCED;
}

/** What every object has. Source: `metav1.TypeMeta` and `metav1.ObjectMeta`. */
const COMMON_FIELDS: MergeSchema = /* @__PURE__ */ deepFreeze<MergeSchema>({
  fields: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: {
      type: {
        fields: {
          annotations: { type: 'string', map: true },
          creationTimestamp: { type: 'time' },
          deletionGracePeriodSeconds: { type: 'integer' },
          deletionTimestamp: { type: 'time' },
          finalizers: { type: 'string', list: true, listType: 'set' },
          generateName: { type: 'string' },
          generation: { type: 'integer' },
          labels: { type: 'string', map: true },
          managedFields: { type: 'any', list: true },
          name: { type: 'string' },
          namespace: { type: 'string' },
          ownerReferences: {
            type: {
              fields: {
                apiVersion: { type: 'string' },
                blockOwnerDeletion: { type: 'boolean' },
                controller: { type: 'boolean' },
                kind: { type: 'string' },
                name: { type: 'string' },
                uid: { type: 'string', required: true },
              },
            },
            list: true,
            listType: 'map',
            listMapKeys: ['uid'],
            atomic: true,
          },
          resourceVersion: { type: 'string' },
          selfLink: { type: 'string' },
          uid: { type: 'string' },
        },
      },
    },
  },
});
