import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deepFreeze } from '../../src/core/index.js';
import { fillDefaults } from '../../src/resources/fill-defaults.js';

const schema = z
  .object({
    text: z.string().max(3),
    size: z.number().default(1),
    parts: z.array(z.object({ name: z.string(), port: z.number().default(80) })).optional(),
    byName: z.record(z.string(), z.object({ on: z.boolean().default(true) })).optional(),
    either: z.union([z.object({ a: z.number().default(1) }), z.string()]).optional(),
    inner: z
      .object({ deep: z.object({ level: z.number().default(3) }).prefault({}) })
      .nullable()
      .optional(),
  })
  .refine(({ text }) => text !== 'bad');

function filled(value: unknown): unknown {
  return fillDefaults(schema, deepFreeze(value), 'spec');
}

describe('filling defaults into what is invalid', () => {
  it('fills in what is lacking at every depth, and leaves what is wrong as it is', () => {
    expect(
      filled({
        text: 'too long',
        parts: [{ name: 1 }, { name: 'b', port: 'x' }, 'none'],
        byName: { a: {}, b: { on: 'yes' } },
        either: {},
        inner: {},
      }),
    ).toEqual({
      text: 'too long',
      size: 1,
      parts: [{ name: 1, port: 80 }, { name: 'b', port: 'x' }, 'none'],
      byName: { a: { on: true }, b: { on: 'yes' } },
      either: {},
      inner: { deep: { level: 3 } },
    });
  });

  it('shares what it does not change, and is the value itself where nothing is lacking', () => {
    const whole = deepFreeze({ text: 'too long', size: 2, parts: [{ name: 'a', port: 1 }], inner: null });
    expect(filled(whole)).toBe(whole);
    const part = deepFreeze({ text: 'too long', parts: [{ name: 'a', port: 1 }] });
    const result = filled(part) as typeof part;
    expect(result.parts).toBe(part.parts);
    expect(Object.isFrozen(result)).toBe(true);
  });

  it('takes any key as data, and nothing that is inherited', () => {
    const value = JSON.parse('{"text":"too long","byName":{"__proto__":{},"toString":{}}}') as unknown;
    const result = filled(value) as { byName: Record<string, unknown> };
    expect(Object.getOwnPropertyDescriptor(result.byName, '__proto__')?.value).toEqual({ on: true });
    expect(JSON.stringify(result.byName)).toBe('{"__proto__":{"on":true},"toString":{"on":true}}');
    expect(fillDefaults(z.object({ toString: z.string().default('x') }), deepFreeze({}), 'spec')).toEqual({
      toString: 'x',
    });
  });

  it('gives nothing for what is absent and has no default', () => {
    expect(fillDefaults(z.object({ a: z.string() }), undefined, 'spec')).toBeUndefined();
    expect(fillDefaults(z.object({ a: z.number().default(1) }).default({ a: 2 }), undefined, 'spec')).toEqual(
      {
        a: 2,
      },
    );
  });
});
