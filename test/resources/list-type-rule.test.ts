import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deepFreeze, type JsonObject, jsonEqual } from '../../src/core/index.js';
import { defineResource, type MergeRules } from '../../src/resources/index.js';
import { listTypeSchema } from '../../src/resources/list-type-rule.js';
import { ruleTree } from '../../src/resources/merge-rule.js';

const names = { group: 'example.com', version: 'v1', kind: 'Gateway' } as const;

const Gateway = defineResource({
  ...names,
  spec: z.object({
    ports: z
      .array(
        z.object({
          port: z.number().int(),
          protocol: z.string().default('TCP'),
          tags: z.array(z.string()).default([]),
        }),
      )
      .default([]),
    hosts: z.array(z.string()).nullish(),
    zones: z.record(z.string(), z.object({ names: z.array(z.string()) })).optional(),
  }),
  status: z.object({ seen: z.array(z.string()) }),
  merge: {
    'spec.ports': { listType: 'map', listMapKeys: ['port', 'protocol'] },
    'spec.ports[].tags': { listType: 'set' },
    'spec.hosts': { listType: 'set' },
    'spec.zones[].names': { listType: 'set' },
    'status.seen': { listType: 'set' },
  },
});

/** What the rules of a kind without schemas find in an object. */
function findings(merge: MergeRules, object: JsonObject): string[] {
  const schema = listTypeSchema(undefined, ruleTree(merge));
  return (schema?.judge(deepFreeze(object)).errors ?? []).map(String);
}

describe('listTypeSchema', () => {
  it('is not there without rules for lists', () => {
    expect(listTypeSchema(undefined, undefined)).toBeUndefined();
    const { schema } = Gateway;
    for (const rules of [
      undefined,
      ruleTree({ 'spec.hosts': { listType: 'atomic' }, 'spec.selector': { atomic: true } }),
      ruleTree({ 'spec.ports': { patchMergeKey: 'port' } }),
    ])
      expect(listTypeSchema(schema, rules)).toBe(schema);
  });

  it('takes lists without equal items, and hands on what the schema made of the object', () => {
    const object = deepFreeze({
      spec: { ports: [{ port: 53 }, { port: 53, protocol: 'UDP', tags: ['a', 'b'] }], hosts: ['a', 'b'] },
    });
    const judged = Gateway.schema?.judge(object);
    expect(judged?.errors).toEqual([]);
    expect(judged?.object).toEqual({
      spec: {
        ports: [
          { port: 53, protocol: 'TCP', tags: [] },
          { port: 53, protocol: 'UDP', tags: ['a', 'b'] },
        ],
        hosts: ['a', 'b'],
      },
    });
    expect(Gateway.schema?.judge(judged?.object as JsonObject).object).toBe(judged?.object);
  });

  it('names equal items, defaults counted, everywhere', () => {
    const object = {
      spec: {
        ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP', tags: ['a', 'a'] }],
        hosts: ['a', 'b', 'a', 'b', 'a'],
        zones: { 'b.c': { names: ['x', 'x'] } },
      },
      status: { seen: ['y', 'y'] },
    };
    expect(Gateway.schema?.judge(object).errors.map((error) => error.toCause())).toEqual([
      {
        reason: 'FieldValueDuplicate',
        field: 'spec.ports[2]',
        message: String.raw`Duplicate value: "port=53, protocol=\"TCP\""`,
      },
      { reason: 'FieldValueDuplicate', field: 'spec.ports[2].tags[1]', message: 'Duplicate value: "a"' },
      { reason: 'FieldValueDuplicate', field: 'spec.hosts[2]', message: 'Duplicate value: "a"' },
      { reason: 'FieldValueDuplicate', field: 'spec.hosts[3]', message: 'Duplicate value: "b"' },
      { reason: 'FieldValueDuplicate', field: 'spec.zones[b.c].names[1]', message: 'Duplicate value: "x"' },
      { reason: 'FieldValueDuplicate', field: 'status.seen[1]', message: 'Duplicate value: "y"' },
    ]);
  });

  it('looks at one field where it is asked about one', () => {
    const object = { spec: { hosts: ['a', 'a'] }, status: { seen: ['y', 'y'] } };
    const fields = Gateway.schema?.judge(object, 'status').errors.map(({ field }) => field);
    expect(fields).toEqual(['status.seen[1]']);
  });

  it('leaves an object with other errors to them', () => {
    const errors = Gateway.schema?.judge({ spec: { ports: [{ port: 'x' }], hosts: ['a', 'a'] } }).errors;
    expect(errors?.map(({ field }) => field)).toEqual(['spec.ports[0].port']);
    expect(Gateway.schema?.judge({ spec: { hosts: null } }).errors).toEqual([]);
  });

  it('judges kinds without schemas by their rules alone', () => {
    const merge = { 'a.map': { listType: 'map', listMapKeys: ['k'] }, 'a.set': { listType: 'set' } } as const;
    expect(findings(merge, {})).toEqual([]);
    expect(findings(merge, { a: 1, other: [1, 1] })).toEqual([]);
    expect(findings(merge, { a: { map: null, set: [] } })).toEqual([]);
    expect(findings(merge, { a: { map: 'x', set: {} } })).toEqual([
      'a.map: Invalid value: "x": expected an array',
      'a.set: Invalid value: {}: expected an array',
    ]);
    expect(findings(merge, { a: { map: [{ k: 1 }, 'x', null, [], { k: '1' }] } })).toEqual([
      'a.map[1]: Invalid value: "x": expected an object, as the list\'s type is map',
      "a.map[2]: Invalid value: null: expected an object, as the list's type is map",
      "a.map[3]: Invalid value: []: expected an object, as the list's type is map",
    ]);
    expect(findings(merge, { a: { map: [{}, { x: 1 }, { k: null }] } })).toEqual([
      'a.map[1]: Duplicate value: "no k"',
    ]);
    expect(
      findings(merge, {
        a: { set: [{ x: 1, y: [2] }, { y: [2], x: 1 }, '{"x":1,"y":[2]}', 1, '1', true, 'true'] },
      }),
    ).toEqual(['a.set[1]: Duplicate value: an object with keys y, x']);
  });

  it('takes hostile names', () => {
    const merge = JSON.parse(
      '{ "__proto__": { "listType": "map", "listMapKeys": ["__proto__"] } }',
    ) as MergeRules;
    expect(findings(merge, {})).toEqual([]);
    expect(findings(merge, JSON.parse('{ "__proto__": [{ "__proto__": 1 }, {}] }') as JsonObject)).toEqual(
      [],
    );
    expect(
      findings(merge, JSON.parse('{ "__proto__": [{ "__proto__": 1 }, { "__proto__": 1 }] }') as JsonObject),
    ).toEqual(['__proto__[1]: Duplicate value: "__proto__=1"']);
  });

  it('stops at 100 findings', () => {
    const twice = (count: number): number[] => Array.from({ length: 2 * count }, (_, index) => index % count);
    const set = { listType: 'set' } as const;
    expect(findings({ a: set }, { a: twice(50_000) })).toHaveLength(100);
    expect(
      findings(
        { 'a[].b': set, c: set, d: set },
        { a: { x: { b: twice(60) }, y: { b: twice(60) } }, c: 1, d: [1, 1] },
      ),
    ).toHaveLength(100);
  });

  it('finds what comparing every item with every other finds', () => {
    const key = fc.oneof(fc.constantFrom(1, '1', true, null, undefined, 'a'), fc.constantFrom([1], { x: 1 }));
    const item = fc.record({ k: key, l: fc.constantFrom(1, undefined), other: fc.nat() });
    const keysOf = ({ k, l }: { k: unknown; l: unknown }): unknown => ({
      ...(k === undefined ? undefined : { k }),
      ...(l === undefined ? undefined : { l }),
    });
    const merge = { list: { listType: 'map', listMapKeys: ['k', 'l'] }, set: { listType: 'set' } } as const;
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 12 }),
        fc.array(fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.nat(3)), { maxLength: 12 }),
        (list, set) => {
          const seconds = (values: readonly unknown[]): number[] =>
            values.flatMap((value, index) =>
              values.slice(0, index).filter((before) => jsonEqual(before, value)).length === 1 ? [index] : [],
            );
          const found = listTypeSchema(undefined, ruleTree(merge))
            ?.judge({ list, set })
            .errors.map(({ field }) => field);
          expect(found).toEqual([
            ...seconds(list.map(keysOf)).map((index) => `list[${index}]`),
            ...seconds(set).map((index) => `set[${index}]`),
          ]);
        },
      ),
    );
  });
});
