import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { FieldSchema, MergeSchema } from '../../src/patch/index.js';
import { defineResource, type MergeRule, type MergeRules } from '../../src/resources/index.js';
import { ObjectMetaSchema } from '../../src/resources/kinds/meta-v1.js';
import { structuralSchema } from '../../src/resources/structural-schema.js';

const names = { group: 'example.com', version: 'v1', kind: 'Gateway' } as const;

const common = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: ObjectMetaSchema },
} as const;

/** The fields of `spec`. */
function specOf(spec: z.ZodType, merge?: MergeRules): MergeSchema['fields'] {
  const type = defineResource({ ...names, spec, merge }).mergeSchema?.fields['spec']?.type;
  if (typeof type !== 'object') throw new TypeError(`Expected an object, got ${String(type)}`);
  return type.fields;
}

/** The field `spec.a`. */
const fieldOf = (schema: z.ZodType, rule?: MergeRule): FieldSchema | undefined =>
  specOf(z.object({ a: schema }), rule === undefined ? undefined : { 'spec.a': rule })['a'];

const port = z.object({
  port: z.number().int(),
  protocol: z.string().default('TCP'),
  tags: z.array(z.string()),
});

describe('the merge schema of a kind', () => {
  it('is read off its schemas', () => {
    const resource = defineResource({
      ...names,
      spec: z.object({
        text: z.string().optional(),
        count: z.int().default(1),
        ratio: z.number().nullable(),
        on: z.boolean().readonly(),
        either: z.union([z.int(), z.string()]),
        any: z.unknown(),
        labels: z.record(z.string(), z.string()),
        hosts: z.array(z.string()),
        matrix: z.array(z.array(z.int())),
        maps: z.array(z.record(z.string(), z.int())),
        lists: z.record(z.string(), z.array(z.string())),
        pair: z.tuple([z.string(), z.int()]),
        inner: z.object({ a: z.string() }).optional(),
        items: z.array(z.object({ b: z.int() }).strict()),
        named: z.record(z.string(), z.looseObject({ c: z.int() })),
      }),
      status: z.strictObject({ ready: z.int().default(0) }),
      fields: { data: z.record(z.string(), z.string()).optional() },
    });
    expect(resource.mergeSchema).toEqual({
      fields: {
        ...common,
        spec: {
          type: {
            fields: {
              text: { type: 'string' },
              count: { type: 'integer' },
              ratio: { type: 'number' },
              on: { type: 'boolean' },
              either: { type: 'intOrString' },
              any: { type: 'any' },
              labels: { type: 'string', map: true },
              hosts: { type: 'string', list: true },
              matrix: { type: 'any', list: true },
              maps: { type: 'any', list: true },
              lists: { type: 'any', map: true },
              pair: { type: 'any', list: true },
              inner: { type: { fields: { a: { type: 'string' } } } },
              items: { type: { fields: { b: { type: 'integer' } } }, list: true },
              named: { type: { fields: { c: { type: 'integer' } }, open: true }, map: true },
            },
          },
        },
        status: { type: { fields: { ready: { type: 'integer' } } } },
        data: { type: 'string', map: true },
      },
    });
  });

  it('is open for a kind without schemas', () => {
    expect(defineResource(names).mergeSchema).toEqual({ fields: common, open: true });
    expect(defineResource<{ metadata: object }>({ ...names, status: true, merge: {} }).mergeSchema).toEqual({
      fields: common,
      open: true,
    });
  });

  it('is deeply frozen', () => {
    const isFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    const merge = { 'spec.ports': { listType: 'map', listMapKeys: ['port', 'protocol'] } } as const;
    expect(
      isFrozen(defineResource({ ...names, spec: z.object({ ports: z.array(port) }), merge }).mergeSchema),
    ).toBe(true);
    expect(isFrozen(defineResource(names).mergeSchema)).toBe(true);
  });

  it('contains itself where the schema does', () => {
    interface Tree {
      readonly name: string;
      readonly children: readonly Tree[];
    }
    const lazy: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(lazy) }));
    const getter = z.object({
      name: z.string(),
      get children() {
        return z.array(getter);
      },
    });
    const union: z.ZodType = z.lazy(() =>
      z.union([
        z.object({ name: z.string(), children: z.array(union) }),
        z.object({ name: z.string(), leaf: z.int() }),
      ]),
    );
    for (const tree of [lazy, getter, union]) {
      const { root } = specOf(z.object({ root: tree }));
      const type = root?.type as MergeSchema;
      expect(type.fields['name']).toEqual({ type: 'string' });
      expect(type.fields['children']?.list).toBe(true);
      expect(type.fields['children']?.type).toBe(type);
    }
    const nested: z.ZodType = z.lazy(() => z.array(nested));
    expect(fieldOf(nested)).toEqual({ type: 'any', list: true });
  });

  it('takes fields whose names every object inherits', () => {
    const fields = specOf(z.object({ constructor: z.string(), toString: z.object({ valueOf: z.int() }) }), {
      'spec.toString': { atomic: true },
    });
    expect(Object.hasOwn(fields, 'constructor') && fields['constructor']).toEqual({ type: 'string' });
    expect(fields['toString']).toEqual({ type: { fields: { valueOf: { type: 'integer' } } }, atomic: true });
    expect(Object.hasOwn(fields, 'valueOf')).toBe(false);
  });
});

/** A schema, and values that satisfy it. */
interface Sample {
  readonly schema: z.ZodType;
  readonly values: fc.Arbitrary<unknown>;
}

const field = fc.constantFrom('a', 'b', 'c', 'constructor');

function fieldsOf(samples: Readonly<Record<string, Sample>>): Sample {
  const entries = Object.entries(samples);
  return {
    schema: z.object(Object.fromEntries(entries.map(([name, { schema }]) => [name, schema]))),
    values: fc.record(Object.fromEntries(entries.map(([name, { values }]) => [name, values]))),
  };
}

const { sample } = fc.letrec<{ sample: Sample; object: Sample; scalar: Sample }>((tie) => ({
  scalar: fc.constantFrom<Sample>(
    { schema: z.string(), values: fc.string() },
    { schema: z.int().default(1), values: fc.integer() },
    { schema: z.number(), values: fc.double({ noNaN: true, noDefaultInfinity: true }) },
    { schema: z.boolean().readonly(), values: fc.boolean() },
    { schema: z.literal(['x', 7]), values: fc.constantFrom('x', 7) },
    { schema: z.enum(['x', 'y']).optional(), values: fc.constantFrom('x', 'y') },
    { schema: z.unknown(), values: fc.oneof(fc.string(), fc.array(fc.integer()), fc.constant({ a: [] })) },
  ),
  object: fc.dictionary(field, tie('sample'), { maxKeys: 3 }).map(fieldsOf),
  sample: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('scalar'),
    tie('object'),
    tie('sample').map(({ schema, values }) => ({
      schema: z.array(schema),
      values: fc.array(values, { maxLength: 3 }),
    })),
    tie('sample').map(({ schema, values }) => ({
      schema: z.lazy(() => z.record(z.string(), schema)),
      values: fc.dictionary(field, values, { maxKeys: 3 }),
    })),
    fc.tuple(tie('sample'), tie('sample')).map(([one, other]) => ({
      schema: z.union([one.schema, other.schema]),
      values: fc.oneof(one.values, other.values),
    })),
    fc.tuple(tie('object'), tie('object')).map(([one, other]) => ({
      schema: z.union([one.schema, other.schema]).optional(),
      values: fc.oneof(one.values, other.values),
    })),
  ),
}));

describe('for schemas at random', () => {
  it('describes every value that they take', () => {
    fc.assert(
      fc.property(
        sample.chain(({ schema, values }) => values.map((value) => ({ schema, value }))),
        ({ schema, value }) => {
          const { mergeSchema } = defineResource({ ...names, fields: { value: schema } });
          expect(structuralSchema(mergeSchema as MergeSchema).judge({ value }).errors).toEqual([]);
        },
      ),
    );
  });
});

describe('the rules of a kind', () => {
  it('say which lists and maps merge how', () => {
    const fields = specOf(
      z.object({
        ports: z.array(port),
        hosts: z.array(z.string()).optional(),
        selector: z.record(z.string(), z.string()).default({}),
        strategy: z.object({ type: z.string() }),
      }),
      {
        'spec.ports': { listType: 'map', listMapKeys: ['port', 'protocol'] },
        'spec.ports[].tags': { listType: 'set' },
        'spec.hosts': { listType: 'set' },
        'spec.selector': { atomic: true },
        'spec.strategy': { patchStrategy: ['retainKeys'] },
      },
    );
    expect(fields).toEqual({
      ports: {
        type: {
          fields: {
            port: { type: 'integer' },
            protocol: { type: 'string', default: 'TCP' },
            tags: { type: 'string', list: true, patchStrategy: ['merge'], listType: 'set' },
          },
        },
        list: true,
        listType: 'map',
        listMapKeys: ['port', 'protocol'],
      },
      hosts: { type: 'string', list: true, patchStrategy: ['merge'], listType: 'set' },
      selector: { type: 'string', map: true, atomic: true },
      strategy: { type: { fields: { type: { type: 'string' } } }, patchStrategy: ['retainKeys'] },
    });
  });

  it('hold for their path alone', () => {
    const Node: z.ZodType = z.lazy(() => z.object({ name: z.string(), nodes: z.array(Node) }));
    const byName = { listType: 'map', listMapKeys: ['name'] } as const;
    const fields = specOf(z.object({ a: Node, b: Node }), {
      'spec.a.nodes': byName,
      'spec.a.nodes[].nodes': byName,
    });
    const [a, b] = [fields['a']?.type as MergeSchema, fields['b']?.type as MergeSchema];
    expect(a.fields['nodes']?.listType).toBe('map');
    const below = a.fields['nodes']?.type as MergeSchema;
    expect(below.fields['nodes']?.listType).toBe('map');
    const further = below.fields['nodes']?.type as MergeSchema;
    expect(further.fields['nodes']?.listType).toBeUndefined();
    expect(further.fields['nodes']?.type).toBe(b);
    expect(b.fields['nodes']).toEqual({ type: b, list: true });
  });

  it('step into the values of maps and the members of unions', () => {
    const fields = specOf(
      z.object({
        zones: z.record(z.string(), z.object({ hosts: z.array(z.string()) })),
        listener: z.discriminatedUnion('type', [
          z.object({ type: z.literal('http'), hosts: z.array(z.string()) }),
          z.object({ type: z.literal('tcp'), ports: z.array(z.int()) }),
        ]),
      }),
      {
        'spec.zones[].hosts': { listType: 'set' },
        'spec.listener.hosts': { listType: 'set' },
        'spec.listener.ports': { listType: 'atomic' },
      },
    );
    const hosts = { type: 'string', list: true, patchStrategy: ['merge'], listType: 'set' };
    expect(fields).toEqual({
      zones: { type: { fields: { hosts } }, map: true },
      listener: {
        type: {
          fields: {
            type: { type: 'string' },
            hosts,
            ports: { type: 'integer', list: true, listType: 'atomic' },
          },
        },
      },
    });
  });

  it('make their path where the schema leaves it open', () => {
    const rules = (at: string): MergeRules => ({
      [`${at}ports`]: { listType: 'map', listMapKeys: ['name'] },
      [`${at}ports[].tags`]: { listType: 'set' },
      [`${at}zones[].hosts`]: { listType: 'set' },
      [`${at}conditions`]: { patchMergeKey: 'type' },
      [`${at}names`]: { patchStrategy: ['merge'] },
      [`${at}selector`]: { atomic: true },
      [`${at}limits`]: { patchStrategy: ['replace'] },
      [`${at}strategy`]: { patchStrategy: ['retainKeys'] },
      [`${at}strategy.hosts`]: { listType: 'atomic' },
    });
    const set = { type: 'any', list: true, patchStrategy: ['merge'], listType: 'set' };
    const made = {
      fields: {
        ports: {
          type: { fields: { tags: set }, open: true },
          list: true,
          patchStrategy: ['merge'],
          patchMergeKey: 'name',
          listType: 'map',
          listMapKeys: ['name'],
        },
        zones: { type: { fields: { hosts: set }, open: true }, map: true },
        conditions: {
          type: { fields: {}, open: true },
          list: true,
          patchStrategy: ['merge'],
          patchMergeKey: 'type',
        },
        names: { type: 'any', list: true, patchStrategy: ['merge'] },
        selector: { type: 'any', atomic: true },
        limits: { type: 'any', patchStrategy: ['replace'] },
        strategy: {
          type: { fields: { hosts: { type: 'any', list: true, listType: 'atomic' } }, open: true },
          patchStrategy: ['retainKeys'],
        },
      },
      open: true,
    };
    expect(defineResource({ ...names, merge: rules('') }).mergeSchema).toEqual({
      ...made,
      fields: { ...common, ...made.fields },
    });
    expect(defineResource({ ...names, merge: rules('spec.') }).mergeSchema?.fields['spec']?.type).toEqual(
      made,
    );
    expect(fieldOf(z.unknown())).toEqual({ type: 'any' });
    expect(specOf(z.object({ a: z.unknown() }), rules('spec.a.'))['a']?.type).toEqual(made);
    const loose = z.looseObject({ known: z.string() });
    expect(specOf(loose, rules('spec.'))).toEqual({ known: { type: 'string' }, ...made.fields });
  });

  it('know what a catchall holds', () => {
    const fields = specOf(z.object({}).catchall(z.array(z.string())), { 'spec.x': { listType: 'set' } });
    expect(fields).toEqual({ x: { type: 'string', list: true, patchStrategy: ['merge'], listType: 'set' } });
  });

  const one = z.object({ a: z.string() });
  it.each<[string, z.ZodType, MergeRules, string]>([
    [
      'a path to nowhere',
      one,
      { 'spec.b': { atomic: true } },
      '"spec.b": expected a field of the schema (a), got "b"',
    ],
    [
      'no such top-level field',
      one,
      { 'status.b': { atomic: true } },
      '"status": expected a field of the schema (spec)',
    ],
    ['a path in an empty object', z.object({}), { 'spec.b': { atomic: true } }, '(it has none)'],
    [
      'a path through a scalar',
      one,
      { 'spec.a.b': { atomic: true } },
      'expected an object at spec.a, which is a scalar',
    ],
    [
      'a path through a list',
      z.object({ l: z.array(one) }),
      { 'spec.l.a': { atomic: true } },
      `'[]' after spec.l, which is a list`,
    ],
    [
      'a path through a map',
      z.object({ l: z.record(z.string(), one) }),
      { 'spec.l.a': { atomic: true } },
      `'[]' after spec.l`,
    ],
    [
      'items of an object',
      one,
      { 'spec[].a': { atomic: true } },
      'expected a list or a map at spec, which is an object',
    ],
    [
      'items of a scalar',
      one,
      { 'spec.a[].b': { atomic: true } },
      'expected a list or a map at spec.a, which is a scalar',
    ],
    [
      'fields of scalar items',
      z.object({ l: z.array(z.string()) }),
      { 'spec.l[].a': { atomic: true } },
      'expected an object at spec.l[], got a scalar',
    ],
    [
      'lists in lists',
      z.object({ l: z.array(z.array(one)) }),
      { 'spec.l[][].a': { atomic: true } },
      'right inside another merges whole',
    ],
    [
      'lists in anything',
      z.object({ l: z.unknown() }),
      { 'spec.l[][].a': { atomic: true } },
      'right inside another merges whole',
    ],
    [
      'fields and items of one place',
      z.object({ l: z.unknown() }),
      { 'spec.l[].a': { atomic: true }, 'spec.l.a': { atomic: true } },
      '"spec.l[]": expected a list or a map at spec.l',
    ],
    [
      'fields of what is called a list',
      z.object({ l: z.unknown() }),
      { 'spec.l': { listType: 'set' }, 'spec.l.a': { atomic: true } },
      `'[]' after spec.l, which is a list`,
    ],
    [
      'fields of a list in a list',
      z.object({ l: z.array(z.array(one)) }),
      { 'spec.l[].a': { atomic: true } },
      'expected an object at spec.l[], got a list',
    ],
    [
      'metadata',
      one,
      { 'metadata.labels': { atomic: true } },
      `"metadata": expected a field of the kind's own`,
    ],
    ['kind', one, { kind: { atomic: true } }, `"kind": expected a field of the kind's own`],
  ])('refuse %s', (_what, spec, merge, message) => {
    const define = (): unknown => defineResource({ ...names, spec, merge });
    expect(define).toThrow(TypeError);
    expect(define).toThrow(/^defineResource: merge: ".+": expected .+, got /);
    expect(define).toThrow(message);
  });
});
