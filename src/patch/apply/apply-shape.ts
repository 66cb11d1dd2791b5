import {
  type FieldSchema,
  type MergeSchema,
  mergeSchemaOf,
  type ScalarType,
  type SchemaSource,
} from '../merge-schema.js';

/**
 * How server-side apply sees a value: what does not depend on the value is worked out.
 *
 * Source: `schema.Atom` in structured-merge-diff.
 */
export type Shape = LeafShape | AtomicShape | ObjectShape | ListShape;

/** A string, number or boolean, which is owned as a whole. */
interface LeafShape {
  readonly form: 'leaf';
  /** The empty value of its type; undefined where any scalar is legal. */
  readonly empty: '' | 0 | false | undefined;
}

/** A value that is owned as a whole; what is in it is only looked at to find out whether it is legal. */
interface AtomicShape {
  readonly form: 'atomic';
  readonly content: Shape;
}

/** An object or a map: each of its fields is owned alone. */
export interface ObjectShape {
  readonly form: 'object';
  /** The fields that have a name in the schema: each is owned through what is in it. A map has none. */
  readonly fields: ReadonlyMap<string, Shape>;
  /** The shape of the values of a map, or of fields that are not listed; undefined where nothing is known of them. */
  readonly rest: Shape | undefined;
}

/** A list whose items are owned alone, unless it is the content of an atomic shape. */
export interface ListShape {
  readonly form: 'list';
  /** What tells objects apart, in the order of names; none for a set of scalars; undefined where nothing tells items apart. */
  readonly keys: readonly KeyShape[] | undefined;
  readonly element: Shape;
}

interface KeyShape {
  readonly name: string;
  /** What counts where an item does not have the key; undefined where nothing does. */
  readonly default: unknown;
}

/**
 * What there is to know without a schema: objects merge, lists are owned as a whole.
 *
 * Anything is legal: any field, and instead of an object a scalar, or a list.
 */
export const DEDUCED: ObjectShape = /* @__PURE__ */ Object.freeze(objectShape(new Map(), undefined));

function objectShape(fields: ReadonlyMap<string, Shape>, rest: Shape | undefined): ObjectShape {
  return { form: 'object', fields, rest };
}

/** Shapes of frozen schemas, which never change, and of all that is in them. */
const shapes = /* @__PURE__ */ new WeakMap<MergeSchema, ObjectShape>();

/** The shape of whole objects; without a schema, what can be deduced. */
export function rootShape(source: SchemaSource | undefined): ObjectShape {
  const schema = source && mergeSchemaOf(source);
  return !schema ? DEDUCED : shapeOfSchema(schema, Object.isFrozen(schema) ? shapes : new WeakMap());
}

function shapeOfSchema(schema: MergeSchema, cache: WeakMap<MergeSchema, ObjectShape>): ObjectShape {
  const known = cache.get(schema);
  if (known) return known;
  const fields = new Map<string, Shape>();
  const shape = objectShape(fields, schema.open === true ? DEDUCED : undefined);
  // before its fields, for a schema may contain itself
  cache.set(schema, shape);
  for (const [name, field] of Object.entries(schema.fields)) fields.set(name, shapeOfField(field, cache));
  return shape;
}

function shapeOfField(field: FieldSchema, cache: WeakMap<MergeSchema, ObjectShape>): Shape {
  const { type, list, listType } = field;
  const base = typeof type === 'string' ? shapeOfScalar(type) : shapeOfSchema(type, cache);
  const content = field.map === true ? objectShape(new Map(), base) : base;
  const value: Shape =
    field.atomic === true && content.form !== 'leaf' ? { form: 'atomic', content } : content;
  if (list !== true) return value;
  const keys = keyNames(field)
    ?.toSorted()
    .map((name) => keyShape(name, type));
  const isAtomic = listType === undefined || listType === 'atomic';
  const shape: ListShape = { form: 'list', keys, element: value };
  return isAtomic ? { form: 'atomic', content: shape } : shape;
}

/** What tells the items of a list apart: for lists that are owned as a whole, what a strategic merge patch goes by. */
function keyNames({
  listType,
  listMapKeys,
  patchMergeKey,
  patchStrategy,
}: FieldSchema): readonly string[] | undefined {
  if (listType === 'set') return [];
  if (listMapKeys?.length) return listMapKeys;
  if (patchMergeKey !== undefined) return [patchMergeKey];
  return patchStrategy?.includes('merge') ? [] : undefined;
}

/** A required key without a default counts as the empty text, 0 or false where an item lacks it, as in Kubernetes' own kinds. */
function keyShape(name: string, element: ScalarType | MergeSchema): KeyShape {
  const fields = typeof element === 'string' ? {} : element.fields;
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const isEmpty = field?.required === true && typeof field.type === 'string';
  return { name, default: field?.default ?? (isEmpty ? EMPTY_VALUES[field.type] : undefined) };
}

function shapeOfScalar(type: ScalarType): Shape {
  return type === 'any' ? DEDUCED : { form: 'leaf', empty: EMPTY_VALUES[type] };
}

/** The empty values of the types whose values are of one sort. */
const EMPTY_VALUES: { readonly [Type in ScalarType]?: LeafShape['empty'] } = {
  string: '',
  bytes: '',
  integer: 0,
  number: 0,
  boolean: false,
};

/** The shape of a field of an object. One that the schema does not know, in an object from elsewhere, counts as deduced. */
export function shapeOfMember(shape: ObjectShape, name: string): Shape {
  return shape.fields.get(name) ?? shape.rest ?? DEDUCED;
}
