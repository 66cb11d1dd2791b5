import { define, FieldError, isOwn, joinPath, type JsonObject, parseTime, Quantity } from '../core/index.js';
import type { FieldSchema, MergeSchema, ScalarType } from '../patch/index.js';
import type { Judgement, ObjectSchema } from './resource.js';

/** A judgement stops at this many errors. */
const MAX_ERRORS = 100;

/** Up to this many items of a list are compared with each other one by one. */
const FEW_ITEMS = 8;

/** Lists whose items are named and yet may share a name: the last variable wins, and a claim may serve several requests. */
const REPEATABLE: ReadonlySet<string> = /* @__PURE__ */ new Set(['env', 'claims']);

/** The merge keys under which Kubernetes refuses two equal items; under all others it takes them, some with a warning. */
const UNIQUE_KEYS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'name',
  'uid',
  'mountPath',
  'devicePath',
  'port,protocol',
  'topologyKey,whenUnsatisfiable',
]);

/**
 * The judge of objects that a merge schema describes, as the generated schemas of Kubernetes' own kinds do.
 *
 * Takes plain JSON. `apiVersion`, `kind` and `metadata` of the object itself are somebody else's to judge.
 *
 * - A field that the schema does not have is an error, or any JSON where the schema is open; nothing is pruned.
 * - null or undefined for an optional field drops the field, and for a required one is the same as no field; as a list item or map
 *   value it is an error.
 * - Required fields are insisted on, except in `status`: controllers write theirs piece by piece.
 * - Integers are safe integers and no less than the field's minimum; quantities are what {@link Quantity} takes, times RFC 3339,
 *   bytes base64 in the standard alphabet.
 * - Two equal items are an error in a set, and in a list merged by keys under which Kubernetes refuses them: a required `name`
 *   (except in `env` and `claims`), `uid`, `mountPath`, `devicePath`, the port and protocol of a Service, the topology and policy of a
 *   spread constraint. A key that is absent counts as its default.
 * - Defaults are not filled in. After 100 errors it stops.
 *
 * What comes back is the very object that was given, unless a field was dropped; then all other parts are shared with it.
 *
 * Source: strict decoding, and pkg/apis/<group>/validation of Kubernetes.
 */
export function structuralSchema(schema: MergeSchema): ObjectSchema {
  let shape: Shape | undefined;
  return {
    changes: false,
    judge(object: JsonObject, field?: string): Judgement {
      shape ??= makeShape(schema, true, true);
      const run: Run = { errors: [], path: [] };
      const judged = judgeObject(run, object, field === undefined ? shape : onlyField(shape, field), 0);
      return { object: run.errors.length === 0 ? judged : object, errors: run.errors };
    },
  };
}

/** A shape that insists on no field but this one, and does not look at the others. */
function onlyField(shape: Shape, wanted: string): Shape {
  const fields = new Map<string, Field>();
  for (const [name, field] of shape.fields)
    fields.set(name, name === wanted ? field : { ...field, form: 'ignored', isText: false });
  return { ...shape, fields, required: shape.required.filter((name) => name === wanted) };
}

/** One judgement. */
interface Run {
  readonly errors: FieldError[];
  /**
   * Names and indexes from the object down to the value at hand; null stands before the key of a map. Only as many elements as the
   * value's depth count: what stands behind them is left over.
   */
  readonly path: (string | number | null)[];
}

/** The fields of an object, as the judge reads them. */
interface Shape {
  readonly fields: ReadonlyMap<string, Field>;
  /** The names of the fields that must be there. */
  readonly required: readonly string[];
  /** Other fields are legal, and hold any JSON. */
  readonly isOpen: boolean;
}

/** A field as the judge reads it: all that does not depend on the object is worked out. */
interface Field {
  readonly form: 'one' | 'list' | 'map' | 'ignored';
  readonly type: ScalarType | 'object';
  /** Any text will do, and nothing else: as for most fields. */
  readonly isText: boolean;
  /** What an object is judged by. */
  readonly schema: MergeSchema | undefined;
  readonly required: boolean;
  readonly minimum: number;
  /** The keys under which items must differ, none for a set; undefined where items may be equal. */
  readonly unique: readonly UniqueKey[] | undefined;
  /** Whether required fields inside are insisted on. */
  readonly insist: boolean;
  /** The shape of `schema`; undefined until it was needed once. */
  shape: Shape | undefined;
}

interface UniqueKey {
  readonly name: string;
  readonly default: unknown;
}

function judgeObject(run: Run, object: JsonObject, shape: Shape, depth: number): JsonObject {
  // undefined as long as everything is kept
  let copy: Record<string, unknown> | undefined;
  let found = 0;
  for (const key in object) {
    if (!isOwn(object, key)) continue;
    const field = shape.fields.get(key);
    const value = object[key];
    let judged = value;
    if (value === undefined || (value === null && field !== undefined)) {
      copy ??= copyUpTo(object, key);
      continue;
    }
    if (field !== undefined && field.isText && typeof value === 'string') {
      if (field.required) found += 1;
      if (copy !== undefined) define(copy, key, value);
      continue;
    }
    run.path[depth] = key;
    if (field === undefined) {
      if (!shape.isOpen) report(run, depth + 1, value, 'unknown field');
    } else if (field.form !== 'ignored') {
      if (field.required) found += 1;
      judged = judgeField(run, value, field, depth + 1);
    }
    if (copy === undefined && judged !== value) copy = copyUpTo(object, key);
    if (copy !== undefined) define(copy, key, judged);
    if (run.errors.length >= MAX_ERRORS) return object;
  }
  if (found < shape.required.length) reportMissing(run, object, shape, depth);
  return copy ?? object;
}

function judgeField(run: Run, value: unknown, field: Field, depth: number): unknown {
  switch (field.form) {
    case 'list':
      if (Array.isArray(value)) return judgeList(run, value, field, depth);
      reportType(run, depth, value, 'an array');
      return value;
    case 'map':
      if (isObject(value)) return judgeMap(run, value, field, depth);
      reportType(run, depth, value, 'an object');
      return value;
    default:
      return judgeValue(run, value, field, depth);
  }
}

function judgeList(run: Run, list: readonly unknown[], field: Field, depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    run.path[depth] = index;
    const judged = judgeValue(run, item, field, depth + 1);
    if (copy === undefined && judged !== item) copy = list.slice(0, index);
    copy?.push(judged);
    if (run.errors.length >= MAX_ERRORS) return list;
  }
  if (field.unique !== undefined && mayHaveTwins(list, field.unique)) {
    judgeUnique(run, list, field.unique, depth);
  }
  return copy ?? list;
}

function judgeMap(run: Run, map: JsonObject, field: Field, depth: number): JsonObject {
  let copy: Record<string, unknown> | undefined;
  run.path[depth] = null;
  for (const key in map) {
    if (!isOwn(map, key)) continue;
    const value = map[key];
    run.path[depth + 1] = key;
    const judged = judgeValue(run, value, field, depth + 2);
    if (copy === undefined && judged !== value) copy = copyUpTo(map, key);
    if (copy !== undefined) define(copy, key, judged);
    if (run.errors.length >= MAX_ERRORS) return map;
  }
  return copy ?? map;
}

function judgeValue(run: Run, value: unknown, field: Field, depth: number): unknown {
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') reportType(run, depth, value, 'a string');
      return value;
    case 'object':
      if (isObject(value)) return judgeObject(run, value, shapeOf(field), depth);
      reportType(run, depth, value, 'an object');
      return value;
    case 'integer':
      if (!Number.isSafeInteger(value)) reportType(run, depth, value, 'an integer');
      else if ((value as number) < field.minimum)
        report(run, depth, value, `expected at least ${field.minimum}`);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') reportType(run, depth, value, 'a boolean');
      return value;
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number') reportType(run, depth, value, 'a quantity');
      else if (!isQuantity(value)) {
        report(run, depth, value, 'expected a quantity such as "100m" or "512Mi"');
      }
      return value;
    case 'time':
    case 'microTime':
      if (typeof value !== 'string') reportType(run, depth, value, 'a time');
      else if (parseTime(value) === undefined) {
        report(run, depth, value, 'expected an RFC 3339 time such as "2026-01-02T03:04:05Z"');
      }
      return value;
    case 'bytes':
      if (typeof value !== 'string') reportType(run, depth, value, 'base64 text');
      else if (!isBase64(value)) report(run, depth, value, 'expected base64');
      return value;
    case 'intOrString':
      if (typeof value !== 'string' && !Number.isSafeInteger(value)) {
        reportType(run, depth, value, 'an integer or a string');
      }
      return value;
    case 'number':
      if (!Number.isFinite(value)) reportType(run, depth, value, 'a number');
      return value;
    case 'any':
      if (value === undefined) reportType(run, depth, value, 'JSON');
      return value;
  }
}

/** Whether two items may be equal; for lists of a few items, whether two are. */
function mayHaveTwins(list: readonly unknown[], keys: readonly UniqueKey[]): boolean {
  if (list.length > FEW_ITEMS) return true;
  for (let index = 1; index < list.length; index += 1) {
    const identity = identityOf(list[index], keys);
    if (identity === undefined) continue;
    for (let before = 0; before < index; before += 1) {
      if (identityOf(list[before], keys) === identity) return true;
    }
  }
  return false;
}

function judgeUnique(run: Run, list: readonly unknown[], keys: readonly UniqueKey[], depth: number): void {
  const seen = new Set<unknown>();
  for (let index = 0; index < list.length; index += 1) {
    const identity = identityOf(list[index], keys);
    if (identity === undefined || !seen.has(identity)) {
      seen.add(identity);
      continue;
    }
    if (run.errors.length >= MAX_ERRORS) return;
    run.path[depth] = index;
    const [key, ...others] = keys;
    const single = key !== undefined && others.length === 0;
    if (single) run.path[depth + 1] = key.name;
    run.errors.push(FieldError.duplicate(pathOf(run, single ? depth + 2 : depth + 1), identity));
  }
}

/** What an item must not share: itself in a set, else the values of its keys; undefined where one is missing, or it is no object. */
function identityOf(item: unknown, keys: readonly UniqueKey[]): unknown {
  const first = keys[0];
  if (first === undefined) return item;
  if (!isObject(item)) return undefined;
  if (keys.length === 1) return keyValue(item, first);
  const values: string[] = [];
  for (const key of keys) {
    const value = keyValue(item, key);
    if (value === undefined) return undefined;
    values.push(JSON.stringify(value));
  }
  return values.join(', ');
}

function keyValue(item: JsonObject, key: UniqueKey): string | number | undefined {
  const value = Object.hasOwn(item, key.name) ? (item[key.name] ?? key.default) : key.default;
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function reportMissing(run: Run, object: JsonObject, shape: Shape, depth: number): void {
  for (const name of shape.required) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value !== undefined && value !== null) continue;
    if (run.errors.length >= MAX_ERRORS) return;
    run.path[depth] = name;
    run.errors.push(FieldError.required(pathOf(run, depth + 1)));
  }
}

function reportType(run: Run, depth: number, value: unknown, expected: string): void {
  const detail = `expected ${expected}, got ${nameOfType(value)}`;
  run.errors.push(FieldError.typeInvalid(pathOf(run, depth), value, detail));
}

function nameOfType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function report(run: Run, depth: number, value: unknown, detail: string): void {
  run.errors.push(FieldError.invalid(pathOf(run, depth), value, detail));
}

/** As in `spec.containers[0].resources.limits[cpu]`. */
function pathOf(run: Run, depth: number): string {
  let path = '';
  let inMap = false;
  for (const part of run.path.slice(0, depth)) {
    if (part !== null) path = inMap || typeof part === 'number' ? `${path}[${part}]` : joinPath(path, part);
    inMap = part === null;
  }
  return path;
}

/** A copy of the properties that stand before `key`. */
function copyUpTo(object: JsonObject, key: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const before of Object.keys(object)) {
    if (before === key) break;
    define(copy, before, object[before]);
  }
  return copy;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The quantities that nearly all objects have: digits, and a suffix or none. */
const USUAL_QUANTITY = /^[0-9]{1,15}(?:[numkMGTPE]|[KMGTPE]i)?$/;

function isQuantity(value: string | number): boolean {
  return (typeof value === 'string' && USUAL_QUANTITY.test(value)) || Quantity.tryParse(value) !== undefined;
}

/** Whether a text is base64 as Go decodes it: the standard alphabet, padded, line breaks anywhere. */
function isBase64(text: string): boolean {
  const digits = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  if (digits.length % 4 !== 0) return false;
  const end = digits.search(/[^A-Za-z0-9+/]/);
  return end === -1 || (end >= digits.length - 2 && /^==?$/.test(digits.slice(end)));
}

function shapeOf(field: Field): Shape {
  if (field.shape !== undefined) return field.shape;
  const schema = field.schema as MergeSchema;
  const known = field.insist ? insistingShapes : lenientShapes;
  const shape = known.get(schema) ?? makeShape(schema, field.insist, false);
  known.set(schema, shape);
  field.shape = shape;
  return shape;
}

// kinds share most of their types, and so the shapes of them
const insistingShapes = /* @__PURE__ */ new WeakMap<MergeSchema, Shape>();
const lenientShapes = /* @__PURE__ */ new WeakMap<MergeSchema, Shape>();

function makeShape(schema: MergeSchema, insist: boolean, root: boolean): Shape {
  const fields = new Map<string, Field>();
  const required: string[] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    const ignored = root && (name === 'apiVersion' || name === 'kind' || name === 'metadata');
    const isRequired = insist && !ignored && field.required === true;
    if (isRequired) required.push(name);
    const form = ignored ? 'ignored' : field.list ? 'list' : field.map ? 'map' : 'one';
    fields.set(name, {
      form,
      type: typeof field.type === 'string' ? field.type : 'object',
      isText: form === 'one' && field.type === 'string',
      schema: typeof field.type === 'string' ? undefined : field.type,
      required: isRequired,
      minimum: field.minimum ?? Number.NEGATIVE_INFINITY,
      unique: uniqueKeys(name, field),
      insist: insist && !(root && name === 'status'),
      shape: undefined,
    });
  }
  return { fields, required, isOpen: schema.open === true };
}

function uniqueKeys(name: string, field: FieldSchema): readonly UniqueKey[] | undefined {
  if (field.listType === 'set') return [];
  const keys = field.listMapKeys;
  if (field.listType !== 'map' || keys === undefined || typeof field.type === 'string') return undefined;
  const item = field.type.fields;
  const signature = keys.join(',');
  if (!UNIQUE_KEYS.has(signature)) return undefined;
  const optional = !Object.hasOwn(item, signature) || item[signature]?.required !== true;
  if (signature === 'name' && (REPEATABLE.has(name) || optional)) return undefined;
  return keys.map((key) => ({
    name: key,
    default: Object.hasOwn(item, key) ? item[key]?.default : undefined,
  }));
}
