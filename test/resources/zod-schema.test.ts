import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deepFreeze, type FieldError, type JsonObject } from '../../src/core/index.js';
import { defineResource, type ObjectSchema } from '../../src/resources/index.js';
import { ObjectStore } from '../../src/store/index.js';

function schemaOf(
  spec: z.ZodType,
  more: { status?: z.ZodType; fields?: Record<string, z.ZodType> } = {},
): ObjectSchema {
  const resource = defineResource({ group: 'example.com', version: 'v1', kind: 'Thing', spec, ...more });
  if (resource.schema === undefined) throw new Error('no schema');
  return resource.schema;
}

/** A frozen object with this spec, given as JSON text so that `__proto__` is data. */
function thing(spec: string, more = ''): JsonObject {
  return deepFreeze(
    JSON.parse(`{"apiVersion":"example.com/v1","kind":"Thing","spec":${spec}${more}}`) as JsonObject,
  );
}

/** The spec after judgement, as text; the judgement must find nothing wrong and accept its own output unchanged. */
function judged(spec: z.ZodType, text: string): string {
  const schema = schemaOf(spec);
  const { object, errors } = schema.judge(thing(text));
  expect(errors.map(plain)).toEqual([]);
  expect(schema.judge(object).object).toBe(object);
  return JSON.stringify(object['spec']);
}

/** An error as text, in the words that zod has without its locale: it may be loaded or not. */
function plain(error: FieldError): string {
  return error
    .toString()
    .replace('Invalid input: ', '')
    .replace(/, received .*$/, '');
}

function errorsOf(spec: z.ZodType, text: string): string[] {
  const input = thing(text);
  const { errors } = schemaOf(spec).judge(input);
  return errors.map(plain);
}

describe('a judge made of zod schemas', () => {
  afterEach(() => {
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('fills in defaults, at every depth', () => {
    const spec = z.object({
      replicas: z.number().default(1),
      ports: z.array(z.object({ protocol: z.string().default('TCP') })).default([]),
    });
    expect(judged(spec, '{}')).toBe('{"replicas":1,"ports":[]}');
    expect(judged(spec, '{"replicas":0,"ports":[{},{"protocol":"UDP"}]}')).toBe(
      '{"replicas":0,"ports":[{"protocol":"TCP"},{"protocol":"UDP"}]}',
    );
  });

  it('fills in a whole field', () => {
    const schema = schemaOf(z.object({ a: z.number() }).default({ a: 1 }), {
      fields: { data: z.record(z.string(), z.string()).default({}) },
    });
    const { object, errors } = schema.judge(deepFreeze({ kind: 'Thing' }));
    expect([object, errors]).toEqual([{ kind: 'Thing', data: {}, spec: { a: 1 } }, []]);
    expect(schema.judge(object).object).toBe(object);
  });

  it('gives back the very object where it changes nothing, and shares the parts that it left alone', () => {
    const schema = schemaOf(z.object({ a: z.object({ b: z.number() }), n: z.number().default(1) }));
    const whole = thing('{"a":{"b":1},"n":2}');
    expect(schema.judge(whole).object).toBe(whole);
    const input = thing('{"a":{"b":1}}');
    const { object } = schema.judge(input);
    expect(object['spec']).toEqual({ a: { b: 1 }, n: 1 });
    expect((object['spec'] as { a: object }).a).toBe((input['spec'] as { a: object }).a);
    expect(Object.isFrozen(object['spec'])).toBe(true);
    expect(JSON.stringify(input['spec'])).toBe('{"a":{"b":1}}');
  });

  it('prunes what an object does not know, keeps it in a loose object, and refuses it in a strict one', () => {
    const inner = { a: z.number().optional() };
    expect(judged(z.object(inner), '{"a":1,"b":2}')).toBe('{"a":1}');
    expect(judged(z.looseObject(inner), '{"a":1,"b":{"c":[2]}}')).toBe('{"a":1,"b":{"c":[2]}}');
    expect(errorsOf(z.strictObject(inner), '{"a":1,"b":2,"c.d":3}')).toEqual([
      'spec.b: Invalid value: unknown field',
      'spec[c.d]: Invalid value: unknown field',
    ]);
    expect(errorsOf(z.object({ deep: z.array(z.strictObject({})) }), '{"deep":[{},{"x":1}]}')).toEqual([
      'spec.deep[1].x: Invalid value: unknown field',
    ]);
  });

  it('prunes top-level fields that the kind does not have', () => {
    const { object, errors } = schemaOf(z.object({})).judge(
      thing('{}', ',"data":{"a":1},"__proto__":{"b":1}'),
    );
    expect(errors).toEqual([]);
    expect(Object.keys(object)).toEqual(['apiVersion', 'kind', 'spec']);
  });

  it('judges fields beside spec and status', () => {
    const schema = schemaOf(z.object({}), { fields: { data: z.record(z.string(), z.string()) } });
    expect(schema.judge(thing('{}')).errors.map(plain)).toEqual(['data: Required value: expected record']);
    expect(schema.judge(thing('{}', ',"data":{"a.b":1}')).errors.map(plain)).toEqual([
      'data[a.b]: Invalid value: 1: expected string',
    ]);
    const good = thing('{}', ',"data":{"__proto__":"x","a":"y"}');
    expect(schema.judge(good).object).toBe(good);
  });

  it('takes the first option of a union that fits', () => {
    const union = z.union([z.strictObject({ a: z.number() }), z.object({ b: z.number().default(2) })]);
    expect(judged(union, '{"a":1}')).toBe('{"a":1}');
    expect(judged(union, '{"c":1}')).toBe('{"b":2}');
    const byType = z.discriminatedUnion('type', [
      z.object({ type: z.literal('x'), n: z.number().default(1) }),
      z.object({ type: z.literal('y'), s: z.string() }),
    ]);
    expect(judged(byType, '{"type":"x"}')).toBe('{"type":"x","n":1}');
    expect(errorsOf(byType, '{"type":"y","s":1}')).toEqual(['spec.s: Invalid value: 1: expected string']);
    expect(errorsOf(z.object({ v: z.union([z.string(), z.number()]) }), '{"v":true}')).toHaveLength(1);
  });

  it('follows schemas that hold themselves', () => {
    interface Tree {
      name: string;
      size: number;
      children: Tree[];
    }
    const tree: z.ZodType<Tree> = z.lazy(() =>
      z.object({ name: z.string(), size: z.number().default(0), children: z.array(tree).default([]) }),
    );
    expect(judged(tree, '{"name":"a","children":[{"name":"b","x":1}]}')).toBe(
      '{"name":"a","size":0,"children":[{"name":"b","size":0,"children":[]}]}',
    );
    expect(errorsOf(tree, '{"name":"a","children":[{"name":"b","children":[{"name":1}]}]}')).toEqual([
      'spec.children[0].children[0].name: Invalid value: 1: expected string',
    ]);
    const node = z.object({
      name: z.string(),
      get next(): z.ZodOptional<typeof node> {
        return node.optional();
      },
    });
    expect(judged(node, '{"name":"a","next":{"name":"b","x":1}}')).toBe('{"name":"a","next":{"name":"b"}}');
  });

  it('takes any JSON where the schema does', () => {
    const text = '{"a":[1,{"b":null}],"c":{"d":"x"}}';
    for (const any of [z.json(), z.unknown(), z.any(), z.looseObject({})])
      expect(judged(any, text)).toBe(text);
  });

  it('never lets what z.unknown() and z.any() hand through alias the writer’s object', async () => {
    const Thing = defineResource({
      group: 'example.com',
      version: 'v1',
      kind: 'Thing',
      spec: z.object({ u: z.unknown(), a: z.any(), n: z.number().default(1) }),
    });
    await using store = new ObjectStore({ resources: [Thing] });
    const client = store.client();
    const spec = { u: { x: [1] }, a: { y: [2] } };
    const stored = await client.create(Thing, { metadata: { name: 'a', namespace: 'default' }, spec });
    spec.u.x.push(3);
    spec.a.y.push(4);
    expect(stored.spec).toEqual({ u: { x: [1] }, a: { y: [2] }, n: 1 });
    const { u } = stored.spec as { u: { x: object } };
    expect(Object.isFrozen(u) && Object.isFrozen(u.x)).toBe(true);
    expect(Object.isFrozen(spec.u)).toBe(false);
  });

  it.each<[string, z.ZodType, string]>([
    ['a record', z.record(z.string(), z.number()), '{"__proto__":1,"a":2}'],
    ['a loose object', z.looseObject({ a: z.number() }), '{"__proto__":{"x":1},"a":2}'],
    ['z.json()', z.json(), '{"__proto__":{"__proto__":[{"__proto__":null}]}}'],
    ['a catchall', z.object({}).catchall(z.string()), '{"__proto__":"x"}'],
    ['an array', z.object({ l: z.array(z.record(z.string(), z.json())) }), '{"l":[{},{"__proto__":1}]}'],
    ['a tuple', z.object({ t: z.tuple([z.number(), z.looseObject({})]) }), '{"t":[1,{"__proto__":2}]}'],
    [
      'a record of records',
      z.record(z.string(), z.record(z.string(), z.number())),
      '{"__proto__":{"__proto__":1,"b":2}}',
    ],
    ['a union', z.union([z.string(), z.record(z.string(), z.number())]), '{"__proto__":1}'],
    [
      'an optional and nullable field',
      z.object({ r: z.looseObject({}).nullable().optional() }),
      '{"r":{"__proto__":1}}',
    ],
    [
      'an intersection',
      z.intersection(z.looseObject({ a: z.number() }), z.looseObject({ b: z.number() })),
      '{"a":1,"b":2,"__proto__":3}',
    ],
    ['a field of any', z.object({ x: z.any() }), '{"x":{"__proto__":1}}'],
    ['a lazy record', z.lazy(() => z.record(z.string(), z.number())), '{"__proto__":1}'],
  ])('keeps an own __proto__ in %s', (_what, schema, text) => {
    const keys = (value: unknown): unknown =>
      typeof value !== 'object' || value === null
        ? value
        : Object.entries(value)
            .map(([key, item]): [string, unknown] => [key, keys(item)])
            .sort(([a], [b]) => (a < b ? -1 : 1));
    expect(keys(JSON.parse(judged(schema, text)))).toEqual(keys(JSON.parse(text)));
  });

  it('judges the value and the name of a __proto__, and gives it its defaults', () => {
    expect(errorsOf(z.record(z.string(), z.number()), '{"__proto__":"x"}')).toHaveLength(1);
    expect(errorsOf(z.record(z.string(), z.number()), '{"__proto__":"x"}')[0]).toMatch(
      /^spec\.__proto__: Invalid value: "x": /,
    );
    expect(errorsOf(z.record(z.string().regex(/^[a-z]+$/), z.json()), '{"__proto__":1}')[0]).toMatch(
      /^spec\.__proto__: Invalid value: /,
    );
    expect(
      judged(z.record(z.string(), z.object({ n: z.number().default(1) })), '{"__proto__":{"x":1}}'),
    ).toBe('{"__proto__":{"n":1}}');
  });

  it('prunes a __proto__ where it would prune any other key', () => {
    expect(judged(z.object({ a: z.number().optional() }), '{"__proto__":{"a":1}}')).toBe('{}');
  });

  it('reads no field from the prototype', () => {
    const spec = z.object({ constructor: z.string().optional(), toString: z.string().default('x') });
    expect(judged(spec, '{}')).toBe('{"toString":"x"}');
    expect(judged(spec, '{"constructor":"c","toString":"t"}')).toBe('{"constructor":"c","toString":"t"}');
    expect(judged(z.record(z.string(), z.json()), '{"constructor":1,"hasOwnProperty":2}')).toBe(
      '{"constructor":1,"hasOwnProperty":2}',
    );
  });

  it.each<[string, z.ZodType, string, string]>([
    ['a missing field', z.object({ a: z.string() }), '{}', 'spec.a: Required value: expected string'],
    ['another type', z.object({ a: z.string() }), '{"a":1}', 'spec.a: Invalid value: 1: expected string'],
    ['a fraction', z.object({ n: z.int() }), '{"n":1.5}', 'spec.n: Invalid value: 1.5: '],
    ['too small a number', z.object({ n: z.number().min(0) }), '{"n":-1}', 'spec.n: Invalid value: -1: '],
    ['a wrong choice', z.object({ e: z.enum(['a', 'b']) }), '{"e":"c"}', 'spec.e: Invalid value: "c": '],
    ['a format', z.object({ u: z.uuid() }), '{"u":"x"}', 'spec.u: Invalid value: "x": '],
    [
      'a wrong item',
      z.object({ l: z.array(z.number()) }),
      '{"l":[1,"x"]}',
      'spec.l[1]: Invalid value: "x": ',
    ],
    [
      'a rule of the author',
      z
        .object({ a: z.number() })
        .refine((value) => value.a > 1, { message: 'a must be more than 1', path: ['a'] }),
      '{"a":1}',
      'spec.a: Invalid value: 1: a must be more than 1',
    ],
  ])('names %s, its value and what was expected', (_what, spec, text, message) => {
    const errors = errorsOf(spec, text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
    expect(errors[0]?.length).toBeGreaterThan(message.length - 1);
  });

  it('says that the spec itself is missing', () => {
    const { errors } = schemaOf(z.object({ a: z.string() })).judge(deepFreeze({ kind: 'Thing' }));
    expect(errors.map(plain)).toEqual(['spec: Required value: expected object']);
  });

  it('leaves what is invalid in an object as it was, and gives it the defaults that it lacks', () => {
    const schema = schemaOf(z.object({ a: z.string(), b: z.number().default(1) }));
    expect(schema.judge(thing('{"a":1}')).object).toEqual(thing('{"a":1,"b":1}'));
    const input = thing('{"a":1,"b":2}');
    expect(schema.judge(input).object).toBe(input);
  });

  it.each<[string, z.ZodType, string]>([
    ['wrong items', z.array(z.string()), JSON.stringify(Array.from({ length: 500 }, () => 1))],
    [
      'unknown keys',
      z.strictObject({}),
      JSON.stringify(Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 1]))),
    ],
    [
      'wrong __proto__ keys',
      z.array(z.record(z.string(), z.number())),
      `[${Array.from({ length: 300 }, () => '{"__proto__":"x"}').join(',')}]`,
    ],
  ])('names at most 100 of many %s', (_what, spec, text) => {
    expect(errorsOf(spec, text)).toHaveLength(100);
  });

  describe('of a kind with a status', () => {
    const schema = schemaOf(z.object({ a: z.number() }), {
      status: z.object({ ready: z.number().default(0), phase: z.string() }),
    });

    it('judges the status only where there is one', () => {
      const without = thing('{"a":1}');
      expect(schema.judge(without)).toEqual({ object: without, errors: [] });
      expect(schema.judge(without).object).toBe(without);
      const { object, errors } = schema.judge(thing('{"a":1}', ',"status":{"phase":"x"}'));
      expect([object['status'], errors]).toEqual([{ ready: 0, phase: 'x' }, []]);
      expect(schema.judge(thing('{"a":1}', ',"status":{}')).errors.map(plain)).toEqual([
        'status.phase: Required value: expected string',
      ]);
    });

    it('judges it alone where it is asked to, and leaves the other fields as they are', () => {
      const input = thing('{"a":"broken","b":1}', ',"status":{"phase":"x"},"unknown":{"c":1}');
      const { object, errors } = schema.judge(input, 'status');
      expect(errors).toEqual([]);
      expect(object).toEqual({ ...input, status: { ready: 0, phase: 'x' } });
      expect(object['spec']).toBe(input['spec']);
      expect(schema.judge(object, 'status').object).toBe(object);
      expect(schema.judge(thing('{"a":1}', ',"status":{"phase":1}'), 'spec').errors).toEqual([]);
    });
  });

  it.each<[string, z.ZodType]>([
    ['returns a promise', z.string().refine((): unknown => Promise.resolve(true))],
    ['is an async superRefine', z.string().superRefine(async () => Promise.resolve())],
  ])('refuses an async refinement that only shows when it runs: one that %s', (_what, a) => {
    const schema = schemaOf(z.object({ a }));
    expect(() => schema.judge(thing('{"a":"x"}'))).toThrow(
      new TypeError('defineResource: spec: expected a schema without async refinements'),
    );
  });

  it('throws what the author’s own rule throws', () => {
    const schema = schemaOf(
      z.string().refine(() => {
        throw new RangeError('a bug');
      }),
    );
    expect(() => schema.judge(thing('"x"'))).toThrow(new RangeError('a bug'));
  });
});
