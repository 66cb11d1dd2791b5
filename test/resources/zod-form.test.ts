import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ZodForm, ZodForms } from '../../src/resources/zod-form.js';

const formOf = (...schemas: z.ZodType[]): ZodForm => new ZodForms().of(schemas);
const fieldsOf = (form: ZodForm): Record<string, string> =>
  form.form === 'object'
    ? Object.fromEntries(
        [...form.fields].map(([name, { schemas }]) => [name, shortly(formOf(...(schemas as z.ZodType[])))]),
      )
    : {};
const shortly = (form: ZodForm): string => (form.form === 'scalar' ? form.type : form.form);

describe('ZodForms', () => {
  it.each<[string, z.ZodType, string]>([
    ['a string', z.string().min(1), 'string'],
    ['an e-mail address', z.email(), 'string'],
    ['a time', z.iso.datetime(), 'string'],
    ['a template', z.templateLiteral(['v', z.number()]), 'string'],
    ['a boolean', z.boolean(), 'boolean'],
    ['a number', z.number().min(1), 'number'],
    ['z.int()', z.int().min(1), 'integer'],
    ['z.number().int()', z.number().min(1).int(), 'integer'],
    ['z.int32()', z.int32(), 'integer'],
    ['z.float32()', z.float32(), 'number'],
    ['an enum', z.enum(['a', 'b']), 'string'],
    ['an enum of numbers', z.enum({ A: 1, B: 2 }), 'integer'],
    ['a literal', z.literal('a'), 'string'],
    ['literals', z.literal(['a', 1]), 'intOrString'],
    ['literals that may be null', z.literal([true, null]), 'boolean'],
    ['a union of integer and string', z.union([z.int(), z.string()]), 'intOrString'],
    ['a union of numbers', z.union([z.int(), z.number()]), 'number'],
    ['a union of number and string', z.union([z.number(), z.string()]), 'any'],
    ['a union of scalars', z.union([z.boolean(), z.string()]), 'any'],
    ['a union with null', z.union([z.string(), z.null()]), 'string'],
    ['null', z.null(), 'any'],
    ['never', z.never(), 'any'],
    ['unknown', z.unknown(), 'any'],
    ['a custom schema', z.custom(() => true), 'any'],
    ['any JSON', z.json(), 'any'],
    ['a union of shapes', z.union([z.string(), z.array(z.string())]), 'any'],
    ['an array', z.array(z.string()), 'list'],
    ['a tuple', z.tuple([z.string()]), 'list'],
    ['a union of arrays', z.union([z.array(z.string()), z.array(z.int())]), 'list'],
    ['a record', z.record(z.string(), z.string()), 'map'],
    ['a partial record', z.partialRecord(z.enum(['a']), z.string()), 'map'],
    ['a union of records', z.union([z.record(z.string(), z.string()), z.record(z.string(), z.int())]), 'map'],
    ['an object', z.object({}), 'object'],
    ['an intersection', z.intersection(z.object({}), z.object({})), 'object'],
    ['an intersection of scalars', z.intersection(z.string(), z.string()), 'string'],
    ['an intersection of shapes', z.intersection(z.string(), z.array(z.string())), 'any'],
    ['an intersection of two scalars', z.intersection(z.string(), z.int()), 'any'],
  ])('knows %s', (_what, schema, expected) => {
    expect(shortly(formOf(schema))).toBe(expected);
  });

  it('takes wrappers off', () => {
    const wrapped = [
      z.int().optional(),
      z.int().default(1),
      z.int().prefault(1),
      z.int().catch(1),
      z.int().readonly(),
      z.int().brand('a'),
      z.int().optional().nonoptional(),
      z.int().refine((value) => value > 1),
      z.lazy(() => z.int()),
      z.int().optional().default(1).readonly(),
    ];
    for (const schema of wrapped)
      expect(formOf(schema)).toEqual({ form: 'scalar', type: 'integer', nullable: false });
  });

  it('knows what may be null', () => {
    for (const schema of [
      z.int().nullable(),
      z.int().nullish(),
      z.union([z.null(), z.int()]),
      z.literal([1, null]),
    ])
      expect(formOf(schema)).toEqual({ form: 'scalar', type: 'integer', nullable: true });
    expect(formOf(z.object({}).nullable())).toMatchObject({ form: 'object', nullable: true });
  });

  it('knows which objects have other fields', () => {
    const rest = (schema: z.ZodType): unknown => {
      const form = formOf(schema);
      return form.form === 'object' && form.rest?.map((other) => other._zod.def.type);
    };
    expect(rest(z.object({}))).toBeUndefined();
    expect(rest(z.strictObject({}))).toBeUndefined();
    expect(rest(z.looseObject({}))).toEqual(['unknown']);
    expect(rest(z.object({}).catchall(z.string()))).toEqual(['string']);
    expect(rest(z.union([z.object({}), z.looseObject({})]))).toEqual(['unknown']);
  });

  it('unites the objects of a union', () => {
    const schema = z.discriminatedUnion('type', [
      z.object({ type: z.literal('a'), size: z.int(), only: z.string() }),
      z.object({ type: z.literal('b'), size: z.string(), other: z.never().optional() }),
      z.object({ type: z.literal('c'), size: z.int(), other: z.boolean() }),
    ]);
    const form = formOf(schema);
    expect(fieldsOf(form)).toEqual({ type: 'string', size: 'intOrString', only: 'string', other: 'boolean' });
    expect(
      form.form === 'object' && [...form.fields].map(([name, field]) => [name, field.isEverywhere]),
    ).toEqual([
      ['type', true],
      ['size', true],
      ['only', false],
      ['other', false],
    ]);
  });

  it('lets a field be anything where a member of the union leaves it open', () => {
    expect(fieldsOf(formOf(z.union([z.object({ a: z.string() }), z.looseObject({})])))).toEqual({ a: 'any' });
    expect(fieldsOf(formOf(z.intersection(z.object({ a: z.string() }), z.looseObject({}))))).toEqual({
      a: 'string',
    });
  });

  it('has the fields of both sides of an intersection', () => {
    const form = formOf(
      z.intersection(z.object({ a: z.string(), b: z.int() }), z.object({ b: z.int(), c: z.int() })),
    );
    expect(fieldsOf(form)).toEqual({ a: 'string', b: 'integer', c: 'integer' });
    expect(
      form.form === 'object' && [...form.fields.values()].every(({ isEverywhere }) => isEverywhere),
    ).toBe(true);
  });

  it('gives equal ids to equal objects alone', () => {
    const forms = new ZodForms();
    const id = (...schemas: z.ZodType[]): string => {
      const form = forms.of(schemas);
      return form.form === 'object' ? form.id : 'none';
    };
    const [a, b] = [z.object({}), z.object({})];
    expect(id(a.optional())).toBe(id(a));
    expect(id(z.lazy(() => a))).toBe(id(a));
    expect(id(a)).not.toBe(id(b));
    expect(id(z.union([a, b]))).toBe(id(b, a));
    expect(id(z.union([a, a]))).toBe(id(a));
    expect(id(z.intersection(a, b))).not.toBe(id(a, b));
    const lazy: z.ZodType = z.lazy(() => z.object({ lazy }));
    expect(id(lazy)).toBe(id(lazy));
  });

  it('ends where a schema stands for itself', () => {
    const itself: z.ZodType = z.lazy(() => itself);
    expect(shortly(formOf(itself))).toBe('any');
    const united: z.ZodType = z.lazy(() => z.union([united, z.string()]));
    expect(shortly(formOf(united))).toBe('string');
    const both: z.ZodType = z.lazy(() => z.intersection(both, both));
    expect(shortly(formOf(both))).toBe('any');
  });
});
