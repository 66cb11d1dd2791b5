import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { FieldSchema } from '../../src/patch/index.js';
import { defineResource, type MergeRule, type MergeRules } from '../../src/resources/index.js';

const names = { group: 'example.com', version: 'v1', kind: 'Gateway' } as const;

/** The field `spec.a`. */
function fieldOf(a: z.ZodType, rule: MergeRule): FieldSchema | undefined {
  const resource = defineResource({ ...names, spec: z.object({ a }), merge: { 'spec.a': rule } });
  const type = resource.mergeSchema?.fields['spec']?.type;
  return typeof type === 'object' ? type.fields['a'] : undefined;
}

const port = z.object({
  port: z.number().int(),
  protocol: z.string().default('TCP'),
  tags: z.array(z.string()),
});

describe('fieldMerging', () => {
  const byKey = (key: string): MergeRule => ({ listType: 'map', listMapKeys: [key] });
  const one = z.object({ a: z.string() });
  it.each<[string, MergeRule, Partial<FieldSchema>]>([
    [
      'one key',
      { listType: 'map', listMapKeys: ['port'] },
      { patchStrategy: ['merge'], patchMergeKey: 'port' },
    ],
    ['several keys', { listType: 'map', listMapKeys: ['port', 'protocol'] }, {}],
    [
      'several keys and a merge key',
      { listType: 'map', listMapKeys: ['port', 'protocol'], patchMergeKey: 'port' },
      { patchStrategy: ['merge'], patchMergeKey: 'port' },
    ],
    [
      'one key and the strategy merge',
      { listType: 'map', listMapKeys: ['port'], patchStrategy: ['merge'] },
      { patchMergeKey: 'port' },
    ],
    [
      'one key and the strategy replace',
      { listType: 'map', listMapKeys: ['port'], patchStrategy: ['replace'] },
      {},
    ],
    [
      'two strategies',
      { listType: 'map', listMapKeys: ['port'], patchStrategy: ['merge', 'retainKeys'] },
      { patchMergeKey: 'port' },
    ],
    ['atomic', { listType: 'atomic' }, {}],
    [
      'atomic and merged by patches',
      { listType: 'atomic', patchMergeKey: 'port' },
      { patchStrategy: ['merge'] },
    ],
    ['a merge key alone', { patchMergeKey: 'port' }, { patchStrategy: ['merge'] }],
  ])('of a list: %s', (_what, rule, derived) => {
    const { type, list, ...rest } = fieldOf(z.array(port), rule) as FieldSchema;
    expect(typeof type === 'object' && Object.keys(type.fields)).toEqual(['port', 'protocol', 'tags']);
    expect(list).toBe(true);
    expect(rest).toEqual({ ...rule, ...derived });
  });

  it('of a set that patches replace', () => {
    expect(fieldOf(z.array(z.string()), { listType: 'set', patchStrategy: ['replace'] })).toEqual({
      type: 'string',
      list: true,
      listType: 'set',
      patchStrategy: ['replace'],
    });
  });

  it.each<[string, z.ZodType, MergeRules, string]>([
    [
      'a listType on an object',
      one,
      { spec: { listType: 'set' } },
      'no listType, as it is an object, got "set"',
    ],
    ['a listType on a scalar', one, { 'spec.a': { listType: 'set' } }, 'no listType, as it is a scalar'],
    [
      'a merge key of an object',
      one,
      { spec: { patchMergeKey: 'a' } },
      'no patchMergeKey, as it is an object',
    ],
    [
      'atomic on a list',
      z.object({ l: z.array(one) }),
      { 'spec.l': { atomic: true } },
      `listType 'atomic', as it is a list`,
    ],
    ['atomic on a scalar', one, { 'spec.a': { atomic: true } }, 'a list, a map or an object, got a scalar'],
    [
      'a strategy of a scalar',
      one,
      { 'spec.a': { patchStrategy: ['replace'] } },
      'a list, a map or an object, got a scalar',
    ],
    [
      'a map of scalars',
      z.object({ l: z.array(z.string()) }),
      { 'spec.l': byKey('a') },
      `items that are objects for listType 'map', got a scalar`,
    ],
    [
      'a map of objects or null',
      z.object({ l: z.array(one.nullable()) }),
      { 'spec.l': byKey('a') },
      'got an object or null',
    ],
    [
      'a key that is no field',
      z.object({ l: z.array(one) }),
      { 'spec.l': byKey('toString') },
      'listMapKeys to name a field of the items, got "toString"',
    ],
    [
      'a key of loose objects',
      z.object({ l: z.array(z.looseObject({})) }),
      { 'spec.l': byKey('b') },
      'listMapKeys to name a field of the items, got "b"',
    ],
    [
      'a key that is an object',
      z.object({ l: z.array(z.object({ b: one })) }),
      { 'spec.l': byKey('b') },
      'but b is an object, got "b"',
    ],
    [
      'a key that may be anything',
      z.object({ l: z.array(z.object({ b: z.unknown() })) }),
      { 'spec.l': byKey('b') },
      'but b is anything',
    ],
    [
      'a key that may be null',
      z.object({ l: z.array(z.object({ b: z.string().nullable() })) }),
      { 'spec.l': byKey('b') },
      'but b is a scalar or null',
    ],
    [
      'an optional key',
      z.object({ l: z.array(z.object({ b: z.string().optional() })) }),
      { 'spec.l': byKey('b') },
      'required or to have one default, got "b"',
    ],
    [
      'a key in some members',
      z.object({ l: z.array(z.union([one, z.object({ b: z.int() })])) }),
      { 'spec.l': byKey('b') },
      'required or to have one default, got "b"',
    ],
    [
      'two defaults',
      z.object({
        l: z.array(z.union([z.object({ b: z.int().default(1) }), z.object({ b: z.int().default(2) })])),
      }),
      { 'spec.l': byKey('b') },
      'one default',
    ],
    [
      'a map that is a tuple',
      z.object({ l: z.tuple([one]) }),
      { 'spec.l': byKey('a') },
      `listType 'atomic', as it is a tuple`,
    ],
    [
      'a set of objects',
      z.object({ l: z.array(one) }),
      { 'spec.l': { listType: 'set' } },
      `scalar items for listType 'set', got an object`,
    ],
    [
      'a set of lists',
      z.object({ l: z.array(z.array(z.string())) }),
      { 'spec.l': { listType: 'set' } },
      'got a list',
    ],
    [
      'a set of scalars or null',
      z.object({ l: z.array(z.int().nullable()) }),
      { 'spec.l': { listType: 'set' } },
      'got a scalar or null',
    ],
    [
      'merging objects by no key',
      z.object({ l: z.array(one) }),
      { 'spec.l': { patchStrategy: ['merge'] } },
      'a patchMergeKey beside',
    ],
    [
      'merging by which of two keys',
      z.object({ l: z.array(z.object({ a: z.string(), b: z.string() })) }),
      { 'spec.l': { listType: 'map', listMapKeys: ['a', 'b'], patchStrategy: ['merge'] } },
      'a patchMergeKey, as there are several listMapKeys',
    ],
    [
      'a merge key that is no field',
      z.object({ l: z.array(one) }),
      { 'spec.l': { patchMergeKey: 'b' } },
      'patchMergeKey to name a field of the items, got "b"',
    ],
    [
      'a merge key of scalars',
      z.object({ l: z.array(z.string()) }),
      { 'spec.l': { patchMergeKey: 'b' } },
      'patchMergeKey to name a field',
    ],
    [
      'a merge key that is a list',
      z.object({ l: z.array(z.object({ b: z.array(z.int()) })) }),
      { 'spec.l': { patchMergeKey: 'b' } },
      'but b is a list',
    ],
    [
      'retainKeys of a list',
      z.object({ l: z.array(one) }),
      { 'spec.l': { patchStrategy: ['retainKeys'] } },
      `patchStrategy 'retainKeys' of a list beside 'merge'`,
    ],
  ])('refuses %s', (_what, spec, merge, message) => {
    const define = (): unknown => defineResource({ ...names, spec, merge });
    expect(define).toThrow(TypeError);
    expect(define).toThrow(/^defineResource: merge: ".+": expected .+, got /);
    expect(define).toThrow(message);
  });

  it('refuses a default that is made anew each time', () => {
    let count = 0;
    const item = z.object({ id: z.int().default(() => (count += 1)) });
    expect(() => fieldOf(z.array(item), byKey('id'))).toThrow('required or to have one default');
    const fixed = z.object({ id: z.int().default(() => 7) });
    expect(fieldOf(z.array(fixed), byKey('id'))).toMatchObject({ type: { fields: { id: { default: 7 } } } });
  });
});
