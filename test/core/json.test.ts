import * as vm from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CopyBounds,
  deepFreeze,
  define,
  frozenCopy,
  isOwn,
  isPlain,
  joinPath,
  jsonEqual,
  MAX_DEPTH,
  MAX_SIZE,
  NotJsonError,
} from '../../src/core/index.js';

/** An instance of a class, which is no JSON. */
class Site {
  readonly image = 'nginx';
}

/** JSON with hostile keys among the plain ones, `__proto__` as an own key. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2.5, -3, '', 'a', 'b'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .uniqueArray(
        fc.tuple(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString'), tie('value')),
        {
          maxLength: 4,
          selector: ([key]) => key,
        },
      )
      .map((entries) => fromEntries(entries)),
  ),
})).value;

function fromEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) define(object, key, value);
  return object;
}

/** Text that tells equal JSON from other, whatever the order of the keys: the plain model of equality. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`).join(',')}}`;
}

function nested(levels: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? { in: value } : [value];
  return value;
}

function refusal(value: unknown, path = 'spec', previous?: unknown): NotJsonError {
  try {
    frozenCopy(value, path, previous);
  } catch (error) {
    if (error instanceof NotJsonError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const key of Object.keys(value)) expectFrozen((value as Record<string, unknown>)[key]);
}

describe('frozenCopy', () => {
  it('makes a deeply frozen copy that shares nothing with the value', () => {
    const value = { a: [{ b: 1 }], c: { d: 'x' }, e: null, f: false };
    const copy = frozenCopy(value, 'spec') as typeof value;
    expect(copy).toEqual(value);
    expectFrozen(copy);
    expect(copy.a[0]).not.toBe(value.a[0]);
    value.a[0]!.b = 2;
    value.c.d = 'y';
    expect(copy).toEqual({ a: [{ b: 1 }], c: { d: 'x' }, e: null, f: false });
    expect(Object.isFrozen(value.c)).toBe(false);
  });

  it('takes scalars as they are', () => {
    for (const value of [null, true, false, 0, -1.5, '', 'text']) expect(frozenCopy(value, 'x')).toBe(value);
  });

  it('keeps an own __proto__ as data, and changes no prototype', () => {
    const copy = frozenCopy(JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'), 'data') as object;
    expect(Object.keys(copy)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect('polluted' in copy).toBe(false);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
  });

  it('leaves out properties that are undefined, and symbol keys', () => {
    const copy = frozenCopy({ a: undefined, b: 1, [Symbol('s')]: 2 }, 'spec') as object;
    expect(Reflect.ownKeys(copy)).toEqual(['b']);
  });

  it('gives objects without a prototype the usual one', () => {
    const value = Object.assign(Object.create(null) as object, { a: 1 });
    expect(Object.getPrototypeOf(frozenCopy(value, 'x'))).toBe(Object.prototype);
  });

  it('takes -0 for 0, as JSON text does', () => {
    expect(Object.is(frozenCopy(-0, 'x'), 0)).toBe(true);
    expect(Object.is((frozenCopy({ n: -0 }, 'x', Object.freeze({ n: 0 })) as { n: number }).n, 0)).toBe(true);
  });

  it('takes plain objects and arrays of another realm', () => {
    const foreign: unknown = vm.runInNewContext('({ a: [1, { b: 2 }] })');
    const copy = frozenCopy(foreign, 'spec') as { a: unknown };
    expect(copy).toStrictEqual({ a: [1, { b: 2 }] });
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(copy.a).toBeInstanceOf(Array);
  });

  it.each<[string, unknown, string]>([
    ['NaN', { a: [Number.NaN] }, 'spec.a[0]: Invalid value: NaN: expected a finite number'],
    ['Infinity', { a: -Infinity }, 'spec.a: Invalid value: -Infinity: expected a finite number'],
    ['a bigint', { a: { b: 1n } }, 'spec.a.b: Invalid value: 1n: expected JSON, got 1n'],
    ['a function', { f: () => 1 }, 'spec.f: Invalid value: a function: expected JSON, got a function'],
    ['a symbol', { s: Symbol('x') }, 'spec.s: Invalid value: a symbol: expected JSON, got a symbol'],
    ['a Date', { d: new Date(0) }, 'spec.d: Invalid value: a Date: expected JSON'],
    ['a Map', { 'a.b': new Map() }, 'spec[a.b]: Invalid value: a Map: expected JSON'],
    ['a Set', [new Set()], 'spec[0]: Invalid value: a Set: expected JSON'],
    ['a boxed text', { s: Object('x') }, 'spec.s: Invalid value: a String: expected JSON'],
    ['an instance', { s: new Site() }, 'spec.s: Invalid value: a Site: expected JSON'],
    [
      'undefined in an array',
      { a: [1, undefined] },
      'spec.a[1]: Invalid value: expected JSON, got undefined',
    ],
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    ['a hole', { a: [1, , 3] }, 'spec.a[1]: Invalid value: expected JSON, got undefined'],
    ['undefined itself', undefined, 'spec: Invalid value: expected JSON, got undefined'],
  ])('refuses %s, naming the field', (_what, value, message) => {
    const error = refusal(value);
    expect(error.message).toBe(message);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.name).toBe('NotJsonError');
    expect(error.field.field).toBe(message.slice(0, message.indexOf(': ')));
    expect(refusal(value, 'spec', Object.freeze({ a: 1 })).message).toBe(message);
  });

  it('refuses an instance of a class of another realm', () => {
    const foreign: unknown = vm.runInNewContext('({ at: new Date(0) })');
    expect(refusal(foreign).message).toBe('spec.at: Invalid value: a Date: expected JSON');
  });

  it.each([
    ['an object', Object.defineProperty({}, 'a', { get: fail, enumerable: true }), 'spec.a'],
    ['an array', Object.defineProperty([1], 0, { get: fail, enumerable: true }), 'spec[0]'],
  ])('refuses a getter of %s that throws, and says what it threw', (_what, value, field) => {
    const error = refusal(value);
    expect(error.message).toContain(`${field}: `);
    expect(error.message).toContain('a getter that throws');
    expect(error.cause).toEqual(new Error('no'));
  });

  it.each([0, 1, 2, 3, 20])('copies and freezes an array of %i items', (length) => {
    const value = Array.from({ length }, (_, index) => ({ index }));
    const copy = frozenCopy(value, 'spec') as typeof value;
    expect(copy).toStrictEqual(value);
    expect(copy).not.toBe(value);
    expectFrozen(copy);
    for (const [index, item] of copy.entries()) expect(item).not.toBe(value[index]);
  });

  it('takes no length from a proxy that an array cannot have', () => {
    const secret = { mutable: true };
    for (const length of [secret, 'text', Number.NaN, -1, 1.5, null]) {
      const lying = new Proxy([1, 2], {
        get: (target, key) => (key === 'length' ? length : (Reflect.get(target, key) as unknown)),
      });
      let copy: unknown;
      try {
        copy = frozenCopy([lying, 'x'.repeat(10)], 'spec');
      } catch (error) {
        expect(error).toBeInstanceOf(NotJsonError);
        continue;
      }
      expectFrozen(copy);
      expect((copy as [number[], string])[0].every((item) => item === 1 || item === 2)).toBe(true);
    }
  });

  it('leaves out what an object only inherits', () => {
    const value = vm.runInNewContext("Object.prototype.inherited = 1; ({ own: [{ deep: 'x' }] })") as unknown;
    expect(frozenCopy(value, 'spec')).toStrictEqual({ own: [{ deep: 'x' }] });
  });

  it('takes 1,000 levels and refuses 1,001', () => {
    expect(MAX_DEPTH).toBe(1_000);
    expect(jsonEqual(frozenCopy(nested(1_000), 'x'), nested(1_000))).toBe(true);
    const error = refusal(nested(1_001));
    expect(error.message).toContain('Too long: expected at most 1000 levels and no cycle');
    expect(error.message.length).toBeLessThan(400);
  });

  it('refuses a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(refusal(cycle).message).toMatch(/^spec(\.self)+.*no cycle$/);
    const ring: unknown[] = [];
    ring.push([ring]);
    expect(refusal(ring).message).toContain('no cycle');
  });

  it('refuses more than 3 MiB, whether in texts, in keys or in items', () => {
    const limit = `expected at most ${MAX_SIZE} characters`;
    expect(refusal('x'.repeat(MAX_SIZE)).message).toContain(`spec: Too long: ${limit}`);
    expect(refusal({ ['k'.repeat(MAX_SIZE)]: 1 }).message).toContain(limit);
    expect(refusal(Array.from({ length: MAX_SIZE }, () => 0)).message).toContain(limit);
    const big = 'x'.repeat(MAX_SIZE / 2);
    expect(refusal({ a: big, b: big }).message).toContain(limit);
    expect(frozenCopy({ a: big, b: 'small' }, 'spec')).toEqual({ a: big, b: 'small' });
  });

  it('counts the size anew for each copy', () => {
    const half = 'x'.repeat(MAX_SIZE / 2);
    expect(frozenCopy(half, 'a')).toBe(half);
    expect(frozenCopy(half, 'a')).toBe(half);
    expect(() => frozenCopy([half, half], 'a')).toThrow(NotJsonError);
    expect(frozenCopy(half, 'a')).toBe(half);
  });
});

describe('frozenCopy with a previous value', () => {
  const previous = deepFreeze({ a: { x: 1 }, b: [{ y: 2 }, { z: 3 }], c: 'same' });

  it('is the previous value where it equals it', () => {
    expect(frozenCopy(structuredClone(previous), 'spec', previous)).toBe(previous);
    expect(frozenCopy({ c: 'same', b: previous.b, a: { x: 1 }, d: undefined }, 'spec', previous)).toBe(
      previous,
    );
    expect(frozenCopy(previous, 'spec', previous)).toBe(previous);
  });

  it('shares the parts that are equal, and those alone', () => {
    const next = structuredClone(previous) as { a: { x: number }; b: ({ y: number } | { z: number })[] };
    next.a.x = 9;
    const copy = frozenCopy(next, 'spec', previous) as typeof previous;
    expect(copy).toEqual(next);
    expect(copy.a).not.toBe(previous.a);
    expect(copy.b).toBe(previous.b);
    expectFrozen(copy);
  });

  it('shares the items of an array that grew or shrank', () => {
    const grown = frozenCopy({ b: [{ y: 2 }, { z: 3 }, 4] }, 'spec', previous) as typeof previous;
    expect(grown.b).toEqual([{ y: 2 }, { z: 3 }, 4]);
    expect([grown.b[0], grown.b[1]]).toEqual([previous.b[0], previous.b[1]]);
    expect(grown.b[1]).toBe(previous.b[1]);
    const shrunk = frozenCopy({ b: [{ y: 2 }] }, 'spec', previous) as typeof previous;
    expect(shrunk.b).toEqual([{ y: 2 }]);
    expect(shrunk.b[0]).toBe(previous.b[0]);
    for (const copy of [grown, shrunk]) expectFrozen(copy);
    expect(frozenCopy({ ...previous, b: [] }, 'spec', previous)).toEqual({ ...previous, b: [] });
    expect(refusal({ b: [{ y: 2 }, { z: 3 }, undefined] }, 'spec', previous).message).toContain('spec.b[2]');
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    expect(refusal({ b: [, { z: 3 }] }, 'spec', previous).message).toContain('spec.b[0]');
  });

  it('drops keys that are gone and shares the rest', () => {
    const copy = frozenCopy({ a: { x: 1 }, c: 'same' }, 'spec', previous) as typeof previous;
    expect(copy).toEqual({ a: { x: 1 }, c: 'same' });
    expect(copy.a).toBe(previous.a);
  });

  it('tells an own __proto__ from the inherited one', () => {
    const hostile = JSON.parse('{"__proto__":{}}') as unknown;
    const copy = frozenCopy(hostile, 'data', Object.freeze({})) as object;
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect(frozenCopy(JSON.parse('{"__proto__":{}}'), 'data', copy)).toBe(copy);
    expect(Object.keys(frozenCopy({}, 'data', copy) as object)).toEqual([]);
    const inherited = { constructor: Object, toString: 1 };
    expect(() => frozenCopy(inherited, 'data', Object.freeze({}))).toThrow('data.constructor');
  });

  it('does not mix up arrays and objects', () => {
    expect(frozenCopy([], 'x', Object.freeze({}))).toEqual([]);
    expect(Array.isArray(frozenCopy({}, 'x', Object.freeze([])))).toBe(false);
    expect(frozenCopy({ a: 1 }, 'x', null)).toEqual({ a: 1 });
  });

  it('equals its input and shares exactly the parts that are equal, whatever the two are', () => {
    const expectShared = (copy: unknown, before: unknown): void => {
      if (typeof copy !== 'object' || copy === null) return;
      if (typeof before !== 'object' || before === null) return;
      expect(copy === before).toBe(canonical(copy) === canonical(before));
      if (copy === before || Array.isArray(copy) !== Array.isArray(before)) return;
      for (const key of Object.keys(copy)) {
        if (Object.hasOwn(before, key)) {
          expectShared((copy as Record<string, unknown>)[key], (before as Record<string, unknown>)[key]);
        }
      }
    };
    fc.assert(
      fc.property(json, json, (before, value) => {
        const old = frozenCopy(before, 'x');
        const text = canonical(value);
        const copy = frozenCopy(value, 'x', old);
        expect(canonical(copy)).toBe(text);
        expect(canonical(value)).toBe(text);
        expectFrozen(copy);
        expectShared(copy, old);
        expect(frozenCopy(value, 'x', copy)).toBe(copy);
      }),
    );
  });
});

describe('frozenCopy with bounds', () => {
  const bounds = (size: number, depth = 10): CopyBounds => ({ size, depth, room: size });

  it('takes all copies and their paths off one room', () => {
    const shared = bounds(40);
    frozenCopy('x'.repeat(10), 'a', undefined, shared);
    expect(shared.room).toBe(40 - 12 - 5);
    frozenCopy({ key: [1, 2] }, 'b', undefined, shared);
    expect(shared.room).toBe(23 - 7 - 4 - 5);
    const before = { ...shared };
    const error = thrown(() => frozenCopy('x'.repeat(10), 'c', undefined, shared));
    expect(error).toBeInstanceOf(NotJsonError);
    expect(error).toMatchObject({ isTooLarge: true, message: 'c: Too long: expected at most 40 characters' });
    expect(shared).toEqual(before);
    expect(frozenCopy('x'.repeat(1_000), 'c')).toHaveLength(1_000);
  });

  it('takes nothing off for what is the previous value itself, but for its path', () => {
    const previous = frozenCopy({ a: ['x'.repeat(100)] }, '');
    const tight = bounds(20);
    expect(frozenCopy(previous, 'spec', previous, tight)).toBe(previous);
    expect(tight.room).toBe(12);
  });

  it('refuses a path that is longer than the room', () => {
    expect(() => frozenCopy(1, 'x'.repeat(100), undefined, bounds(50))).toThrow(NotJsonError);
  });

  it('goes as deep as they say', () => {
    expect(() => frozenCopy(nested(5), 'a', undefined, bounds(1_000, 5))).not.toThrow();
    const error = thrown(() => frozenCopy(nested(6), 'a', undefined, bounds(1_000, 5)));
    expect((error as NotJsonError).message).toContain('expected at most 5 levels and no cycle');
  });

  it('are kept while a getter copies something else', () => {
    const tight = bounds(100, 3);
    const value = {
      get first(): unknown {
        return frozenCopy('x'.repeat(1_000), 'other');
      },
      second: nested(3),
    };
    expect(() => frozenCopy(value, 'a', undefined, tight)).toThrow('expected at most 100 characters');
    const deep = {
      get first(): unknown {
        frozenCopy(nested(9), 'other');
        return 1;
      },
      second: nested(3),
    };
    expect(() => frozenCopy(deep, 'a', undefined, tight)).toThrow('expected at most 3 levels');
  });
});

describe('jsonEqual', () => {
  it('agrees with the comparison of sorted texts', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(jsonEqual(a, b)).toBe(canonical(a) === canonical(b));
        expect(jsonEqual(a, frozenCopy(a, 'x'))).toBe(true);
      }),
    );
  });

  it('tells an absent key from an inherited one', () => {
    expect(jsonEqual({ toString: 1 }, { a: 1 })).toBe(false);
    expect(jsonEqual(JSON.parse('{"__proto__":1}'), { a: 1 })).toBe(false);
    expect(jsonEqual({ a: 1 }, JSON.parse('{"__proto__":1}'))).toBe(false);
  });

  it('tells null, arrays and objects apart', () => {
    expect(jsonEqual(null, {})).toBe(false);
    expect(jsonEqual([], {})).toBe(false);
    expect(jsonEqual({}, [])).toBe(false);
    expect(jsonEqual([1], [1, 2])).toBe(false);
    expect(jsonEqual(1, '1')).toBe(false);
  });
});

describe('define', () => {
  it('sets an own property whatever its name', () => {
    const object: Record<string, unknown> = {};
    for (const key of ['a', '__proto__', 'constructor', 'toString']) define(object, key, key);
    expect(Object.entries(object).flat()).toEqual(
      ['a', '__proto__', 'constructor', 'toString'].flatMap((key) => [key, key]),
    );
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    define(object, '__proto__', 2);
    expect(object['__proto__']).toBe(2);
    delete object['__proto__'];
    expect(Object.hasOwn(object, '__proto__')).toBe(false);
  });
});

describe('isOwn', () => {
  it('says what Object.hasOwn says', () => {
    const objects = [
      { a: 1 },
      JSON.parse('{"__proto__":1,"hasOwnProperty":2}') as object,
      Object.create(null) as object,
    ];
    for (const object of objects) {
      for (const key of ['a', '__proto__', 'hasOwnProperty', 'toString']) {
        expect(isOwn(object, key)).toBe(Object.hasOwn(object, key));
      }
    }
  });
});

describe('isPlain', () => {
  it('takes what JSON.parse makes, and no instance of a class', () => {
    expect([{}, Object.create(null) as object, vm.runInNewContext('({})') as object].map(isPlain)).toEqual([
      true,
      true,
      true,
    ]);
    expect([new Date(), new Map(), new Site(), Object.create({ a: 1 }) as object].map(isPlain)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('deepFreeze', () => {
  it('freezes every part and answers with the very value', () => {
    const value = JSON.parse('{"a":[{"b":1}],"__proto__":{"c":{}}}') as object;
    expect(deepFreeze(value)).toBe(value);
    expectFrozen(value);
    expect([deepFreeze(1), deepFreeze(null), deepFreeze('x')]).toEqual([1, null, 'x']);
  });
});

describe('joinPath', () => {
  it.each([
    ['spec', 'image', 'spec.image'],
    ['', 'spec', 'spec'],
    ['data', 'a.b', 'data[a.b]'],
    ['data', 'a b', 'data[a b]'],
    ['data', '', 'data[]'],
    ['data', '0', 'data[0]'],
    ['metadata.labels', 'example.com/x', 'metadata.labels[example.com/x]'],
    ['data', '__proto__', 'data.__proto__'],
    ['data', 'with-dash', 'data.with-dash'],
  ])('joins %j and %j to %j', (path, key, joined) => {
    expect(joinPath(path, key)).toBe(joined);
  });
});

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function fail(): never {
  throw new Error('no');
}
