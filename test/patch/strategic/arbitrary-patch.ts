import * as fc from 'fast-check';
import { define, type JsonObject } from '../../../src/core/index.js';
import type { FieldSchema, MergeSchema } from '../../../src/patch/index.js';
import { arbitraryField } from '../arbitrary-object.js';
import { HOSTILE_KEYS } from '../arbitrary-json.js';

type Entries = readonly (readonly [string, unknown])[];

const OPTIONS = { depth: 3, fields: 3, keys: HOSTILE_KEYS };
const KEYS: readonly unknown[] = ['a', 'b', 'c', 'd', 'é', 1, 2, 80];

/** Strategic merge patches for objects of a schema, with every directive; some of them malformed. */
export function arbitraryPatch(schema: MergeSchema): fc.Arbitrary<JsonObject> {
  return patchOf(schema, 4);
}

function patchOf(schema: MergeSchema, depth: number): fc.Arbitrary<JsonObject> {
  const names = Object.keys(schema.fields).filter(
    (name) => depth > 0 || typeof schema.fields[name]?.type === 'string',
  );
  return fc
    .tuple(
      fc
        .subarray(names, { maxLength: Math.min(4, names.length) })
        .chain((chosen) =>
          fc.tuple(...chosen.map((name) => membersOf(name, schema.fields[name] as FieldSchema, depth))),
        ),
      rarely(
        fc.oneof(
          fc.constantFrom<Entries>([['$patch', 'replace']], [['$patch', 'delete']], [['$patch', 'merge']]),
          fc.subarray(names).map((kept): Entries => [['$retainKeys', kept]]),
          fc.constantFrom<Entries>(
            [['$retainKeys', 'name']],
            [['$patch', null]],
            [['unknown', { a: 1 }]],
            [['__proto__', 'x']],
          ),
        ),
      ),
    )
    .map(([members, directive]) => objectOf([...members.flat(), ...(directive ?? [])]));
}

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 8 }).map((value) => value);
}

/** A member, and the directives for its list. */
function membersOf(name: string, field: FieldSchema, depth: number): fc.Arbitrary<Entries> {
  const whole = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'text', 7, [], {}, [null], ['a', 1]) },
    {
      weight: 6,
      arbitrary:
        field.list || field.map || typeof field.type === 'string'
          ? arbitraryField(field, OPTIONS)
          : fc.constant(null),
    },
    { weight: 12, arbitrary: partOf(field, depth) },
  );
  if (!field.list) return whole.map((value) => [[name, value]]);
  const key = field.patchMergeKey;
  const order = fc
    .shuffledSubarray([...KEYS])
    .map((keys) => keys.map((value) => (key === undefined ? value : { [key]: value })));
  return fc.oneof(
    whole.map((value): Entries => [[name, value]]),
    fc.tuple(whole, order).map(
      ([value, keys]): Entries => [
        [name, value],
        [`$setElementOrder/${name}`, orderFor(value, keys, key)],
      ],
    ),
    order.map((keys): Entries => [[`$setElementOrder/${name}`, keys]]),
    whole.map(
      (value): Entries => [
        [name, value],
        [`$setElementOrder/${name}`, []],
      ],
    ),
    fc
      .subarray([...KEYS])
      .map(
        (values): Entries => [
          [`$deleteFromPrimitiveList/${name}`, values.filter((value) => typeof value === 'string')],
        ],
      ),
    fc.constantFrom<Entries>(
      [[`$deleteFromPrimitiveList/${name}`, 'a']],
      [[`$setElementOrder/${name}`, {}]],
      [[`$setElementOrder${name}`, []]],
    ),
  );
}

/** The order, begun with the items of the patch, so that it fits mostly. */
function orderFor(value: unknown, keys: readonly unknown[], key: string | undefined): readonly unknown[] {
  if (!Array.isArray(value)) return keys;
  const own: unknown[] = [];
  for (const item of value as unknown[]) {
    if (typeof item !== 'object' || item === null) own.push(item);
    else if (!Object.hasOwn(item, '$patch') && key !== undefined && Object.hasOwn(item, key)) {
      own.push({ [key]: (item as JsonObject)[key] });
    }
  }
  return [...own, ...keys];
}

function partOf(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const { type, list, patchMergeKey: key } = field;
  if (typeof type === 'string') {
    return type === 'any'
      ? fc.constantFrom({ a: 1 }, { a: { b: null } }, ['a'], 'x')
      : arbitraryField(field, OPTIONS);
  }
  const part = patchOf(type, depth - 1);
  if (!list) return part;
  if (key === undefined) return fc.array(part, { maxLength: 2 });
  const values = KEYS.filter(
    (value) => typeof value === (type.fields[key]?.type === 'integer' ? 'number' : 'string'),
  );
  const keyed = fc
    .tuple(part, fc.constantFrom(...values), fc.nat(5))
    .map(([item, value, kind]) =>
      kind === 0 ? { [key]: value, $patch: 'delete' } : { ...item, [key]: value },
    );
  return fc
    .tuple(
      fc.array(keyed, { maxLength: 4 }),
      rarely(fc.constantFrom<unknown>({ $patch: 'replace' }, { $patch: 'merge' }, {}, { [key]: [] }, 'a')),
    )
    .map(([items, odd]) => (odd === undefined ? items : [...items, odd]));
}

function objectOf(entries: Entries): JsonObject {
  const object: Record<string, unknown> = {};
  for (const [name, value] of entries) define(object, name, value);
  return object;
}
