import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { defineResource, type New, type ObjectOf, type PlainOptions } from '../../src/resources/index.js';

const names = { group: 'example.com', version: 'v1', kind: 'Website' } as const;

describe('defineResource', () => {
  it('declares a namespaced kind, frozen', () => {
    const resource = defineResource(names);
    expect(resource).toMatchObject({
      ...names,
      apiVersion: 'example.com/v1',
      plural: 'websites',
      scope: 'Namespaced',
      hasStatus: false,
      hasGeneration: true,
      selectableFields: [],
    });
    expect(resource.schema).toBeUndefined();
    expect(resource.scale).toBeUndefined();
    expect(Object.isFrozen(resource) && Object.isFrozen(resource.selectableFields)).toBe(true);
  });

  it('takes a scope, a plural, the core group, selectable fields and scale paths', () => {
    const selectableFields = ['spec.image'];
    const scale = { specReplicas: 'spec.n', statusReplicas: 'status.n' };
    const resource = defineResource({
      group: '',
      version: 'v1',
      kind: 'Region',
      scope: 'Cluster',
      plural: 'regiones',
      selectableFields,
      scale,
    });
    expect(resource).toMatchObject({
      apiVersion: 'v1',
      plural: 'regiones',
      scope: 'Cluster',
      selectableFields,
      scale,
    });
    selectableFields.push('spec.later');
    scale.specReplicas = 'spec.later';
    expect(resource.selectableFields).toEqual(['spec.image']);
    expect(resource.scale?.specReplicas).toBe('spec.n');
  });

  it('declares the status subresource with a status schema, or with true', () => {
    expect(defineResource({ ...names, status: z.object({}) }).hasStatus).toBe(true);
    const plain: PlainOptions = { ...names, status: true };
    const resource = defineResource<{ metadata: object }>(plain);
    expect([resource.hasStatus, resource.schema]).toEqual([true, undefined]);
  });

  it.each<[string, z.ZodType, string, string]>([
    ['a transform', z.string().transform((text) => text.length), '', 'pipes and codecs'],
    ['a bare transform', z.transform((value) => value), '', 'transforms'],
    ['a pipe', z.string().pipe(z.string()), '', 'pipes and codecs'],
    ['a preprocess', z.preprocess((value) => value, z.string()), '', 'pipes and codecs'],
    ['stringbool', z.stringbool(), '', 'pipes and codecs'],
    ['a codec', z.codec(z.string(), z.number(), { decode: Number, encode: String }), '', 'pipes and codecs'],
    ['coercion', z.coerce.number(), '', 'coercion'],
    ['a coerced boolean', z.coerce.boolean(), '', 'coercion'],
    ['a date', z.date(), '', 'dates'],
    ['a bigint', z.bigint(), '', 'bigints'],
    ['a map', z.map(z.string(), z.string()), '', 'maps'],
    ['a set', z.set(z.string()), '', 'sets'],
    ['a symbol', z.symbol(), '', 'symbols'],
    ['undefined', z.undefined(), '', 'undefined'],
    ['void', z.void(), '', 'void'],
    ['NaN', z.nan(), '', 'NaN'],
    ['a file', z.file(), '', 'files'],
    ['a promise', z.promise(z.string()), '', 'promises'],
    ['an async refinement', z.string().refine(async () => Promise.resolve(true)), '', 'async refinements'],
    ['a custom async check', z.custom(async () => Promise.resolve(true)), '', 'async refinements'],
    ['one in an optional', z.date().optional(), '', 'dates'],
    ['one in a default', z.date().default(new Date(0)), '', 'dates'],
    ['one in an object', z.object({ b: z.date() }), '.b', 'dates'],
    ['one in an array', z.array(z.object({ b: z.bigint() })), '[].b', 'bigints'],
    ['one in a tuple', z.tuple([z.string(), z.date()]), '[]', 'dates'],
    ['one in the rest of a tuple', z.tuple([z.string()], z.date()), '[]', 'dates'],
    ['one in a record', z.record(z.string(), z.date()), '[]', 'dates'],
    ['one in a catchall', z.object({}).catchall(z.date()), '[]', 'dates'],
    ['one in a union', z.union([z.string(), z.date()]), '', 'dates'],
    ['one in an intersection', z.intersection(z.object({}), z.object({ d: z.date() })), '.d', 'dates'],
    ['one in a lazy schema', z.lazy(() => z.date()), '', 'dates'],
    ['one in a readonly schema', z.object({ d: z.date() }).readonly(), '.d', 'dates'],
  ])('refuses %s, naming the field', (_what, unfit, under, what) => {
    const message = `spec.a${under}: expected a schema from JSON to the same JSON, got ${what}`;
    const spec = z.object({ a: unfit });
    expect(() => defineResource({ ...names, spec })).toThrow(new TypeError(`defineResource: ${message}`));
    const elsewhere = message.replace('spec.a', 'status.a');
    expect(() => defineResource({ ...names, status: spec })).toThrow(elsewhere);
    expect(() => defineResource({ ...names, fields: { data: unfit } })).toThrow(
      message.replace('spec.a', 'data'),
    );
  });

  it('refuses what is no schema of zod 4', () => {
    for (const spec of [{ parse: () => 1 }, 'string', null]) {
      expect(() => defineResource({ ...names, spec: spec as unknown as z.ZodType })).toThrow(
        /^defineResource: spec: expected a schema of zod 4, got /,
      );
    }
  });

  it.each(['apiVersion', 'kind', 'metadata', 'spec', 'status'])(
    'refuses %s among the further fields',
    (field) => {
      expect(() => defineResource({ ...names, fields: { [field]: z.string() } })).toThrow(
        new TypeError(`defineResource: fields: expected other fields than "${field}"`),
      );
    },
  );

  it('takes everything that goes from JSON to the same JSON', () => {
    interface Tree {
      readonly children: readonly Tree[];
    }
    const tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(tree) }));
    const spec = z.object({
      a: z.string().min(1).trim(),
      b: z.union([z.literal('x'), z.number(), z.null()]),
      c: z.json(),
      d: z.templateLiteral(['v', z.number()]),
      e: z.record(z.string(), z.unknown()),
      f: z.email().optional(),
      g: z.enum(['a', 'b']).default('a'),
      h: z.number().refine((value) => value > 1),
      i: z.tuple([z.string()]).readonly(),
      tree,
    });
    expect(defineResource({ ...names, spec }).schema).toBeDefined();
  });

  it('infers the stored object and what create takes', () => {
    const Website = defineResource({
      ...names,
      spec: z.object({
        image: z.string(),
        replicas: z.number().default(1),
        ports: z.array(z.object({ n: z.number() })).optional(),
      }),
      status: z.object({ ready: z.number().default(0) }),
      fields: { data: z.record(z.string(), z.string()).optional() },
    });
    type Stored = ObjectOf<typeof Website>;
    expectTypeOf<Stored['kind']>().toEqualTypeOf<'Website'>();
    expectTypeOf<Stored['apiVersion']>().toEqualTypeOf<'example.com/v1'>();
    expectTypeOf<Stored['spec']['replicas']>().toEqualTypeOf<number>();
    expectTypeOf<Stored['metadata']['namespace']>().toEqualTypeOf<string>();
    expectTypeOf<NonNullable<Stored['status']>['ready']>().toEqualTypeOf<number>();
    expectTypeOf<undefined>().toExtend<Stored['status']>();
    expectTypeOf<{ metadata: { name: string }; spec: { image: string } }>().toExtend<New<typeof Website>>();
    expectTypeOf<{ metadata: { name: string }; spec: { replicas: number } }>().not.toExtend<
      New<typeof Website>
    >();
    expectTypeOf<New<typeof Website>>().not.toHaveProperty('status');
    const Region = defineResource({ group: '', version: 'v1', kind: 'Region', scope: 'Cluster' });
    expectTypeOf<ObjectOf<typeof Region>['metadata']['namespace']>().toEqualTypeOf<undefined>();
    expectTypeOf<ObjectOf<typeof Region>['apiVersion']>().toEqualTypeOf<'v1'>();
    expectTypeOf<ObjectOf<typeof Region>>().not.toHaveProperty('spec');
  });
});
