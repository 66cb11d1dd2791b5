import * as fc from 'fast-check';
import { define, type JsonObject } from '../../src/core/index.js';
import type { FieldSchema, MergeSchema, ScalarType } from '../../src/patch/index.js';
import { HOSTILE_KEYS } from './arbitrary-json.js';

/** How the objects look. */
export interface ObjectOptions {
  /** How many objects nest at most; 5 unless given. */
  readonly depth?: number;
  /** How many fields an object has at most; 4 unless given. */
  readonly fields?: number;
  /** The keys of maps. */
  readonly keys?: readonly string[];
}

/**
 * Small objects that fit a merge schema, so that two of them have much in common: few fields, few different values, unique merge keys
 * and set items. Fields that hold anything hold a string. No object is shared or frozen.
 */
export function arbitraryObject(schema: MergeSchema, options: ObjectOptions = {}): fc.Arbitrary<JsonObject> {
  const { depth = 5, fields = 4, keys = HOSTILE_KEYS } = options;
  const names = Object.keys(schema.fields).filter((name) => fits(schema.fields[name], depth));
  return fc
    .subarray(names, { maxLength: Math.min(fields, names.length) })
    .chain((chosen) =>
      fc
        .tuple(
          ...chosen.map((name) =>
            arbitraryField(schema.fields[name] as FieldSchema, { depth, fields, keys }),
          ),
        )
        .map((values) => objectOf(chosen.map((name, index) => [name, values[index]]))),
    );
}

function fits(field: FieldSchema | undefined, depth: number): boolean {
  return field !== undefined && (typeof field.type === 'string' || depth > 1);
}

/** Values of a field. */
export function arbitraryField(field: FieldSchema, options: Required<ObjectOptions>): fc.Arbitrary<unknown> {
  const item = arbitraryItem(field, options);
  if (field.list) {
    const mergeKey = field.patchMergeKey ?? field.listMapKeys?.[0];
    if (mergeKey !== undefined) {
      return fc.uniqueArray(item, {
        maxLength: 4,
        selector: (object) => (object as JsonObject)[mergeKey],
      });
    }
    const isSet =
      typeof field.type === 'string' && (field.patchStrategy?.includes('merge') || field.listType === 'set');
    return isSet ? fc.uniqueArray(item, { maxLength: 4 }) : fc.array(item, { maxLength: 3 });
  }
  if (!field.map) return item;
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...options.keys), item), { maxLength: 3, selector: ([key]) => key })
    .map(objectOf);
}

/** Values of a field's type, with their merge keys. */
function arbitraryItem(
  { type, list, patchMergeKey, listMapKeys }: FieldSchema,
  options: Required<ObjectOptions>,
): fc.Arbitrary<unknown> {
  if (typeof type === 'string') return fc.constantFrom(...VALUES[type]);
  const object = arbitraryObject(type, { ...options, depth: options.depth - 1 });
  const keys = new Set([
    ...(list && patchMergeKey ? [patchMergeKey] : []),
    ...(list ? (listMapKeys ?? []) : []),
  ]);
  return [...keys].reduce<fc.Arbitrary<JsonObject>>((items, key) => {
    const keyType = Object.hasOwn(type.fields, key) ? type.fields[key]?.type : 'string';
    const values = VALUES[typeof keyType === 'string' ? keyType : 'string'];
    return fc.tuple(items, fc.constantFrom(...values)).map(([item, value]) => ({ ...item, [key]: value }));
  }, object);
}

/** An object as `JSON.parse` makes it: `__proto__` is an own property. */
function objectOf(entries: readonly (readonly [string, unknown])[]): JsonObject {
  const object: Record<string, unknown> = {};
  for (const [name, value] of entries) define(object, name, value);
  return object;
}

const TEXTS: readonly string[] = ['a', 'b', 'c', 'd', 'é'];

const VALUES: { readonly [Type in ScalarType]: readonly unknown[] } = {
  string: TEXTS,
  any: TEXTS,
  integer: [0, 1, 2, 80, 443],
  number: [0.5, 1.5, 2.5],
  boolean: [true, false],
  quantity: ['1', '500m', '2Gi'],
  time: ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  microTime: ['2026-01-01T00:00:00.000000Z', '2026-01-02T00:00:00.000000Z'],
  bytes: ['YQ==', 'Yg=='],
  intOrString: [1, 2, 'a', '50%'],
};
