import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldRequirement, FieldSelector, isBadRequest } from '../../src/core/index.js';

const fields = fc.constantFrom('metadata.name', 'status.phase', 'a', 'constructor', '__proto__');
const values = fc.oneof(
  fc.constantFrom('', 'x', 'Running'),
  fc.string({ unit: fc.constantFrom('\\', ',', '=', '!', ' ', 'a', '\n', '\u00e9'), maxLength: 6 }),
);
const requirements: fc.Arbitrary<FieldRequirement[]> = fc.array(
  fc.record({ field: fields, operator: fc.constantFrom('=' as const, '!=' as const), value: values }),
  { maxLength: 4 },
);

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(',', '\\,').replaceAll('=', '\\=');
}

function print(given: readonly FieldRequirement[], equals: '=' | '=='): string {
  return given
    .map(({ field, operator, value }) => `${field}${operator === '=' ? equals : operator}${escape(value)}`)
    .join(',');
}

describe('parse', () => {
  test('matches where every requirement holds', () => {
    fc.assert(
      fc.property(
        requirements,
        fc.dictionary(fields, values),
        fc.constantFrom('=', '=='),
        (given, map, equals) => {
          const selector = FieldSelector.parse(print(given, equals));
          const expected = given.every(
            ({ field, operator, value }) =>
              ((new Map(Object.entries(map)).get(field) ?? '') === value) === (operator === '='),
          );
          expect(selector.matches(map)).toBe(expected);
          expect(selector.matches((field) => new Map(Object.entries(map)).get(field) ?? '')).toBe(expected);
          expect(selector.empty).toBe(given.length === 0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('reads its own canonical text as the same selector', () => {
    fc.assert(
      fc.property(requirements, fc.constantFrom('=', '=='), (given, equals) => {
        const selector = FieldSelector.parse(print(given, equals));
        const again = FieldSelector.parse(selector.toString());
        expect(again.requirements).toEqual(selector.requirements);
        expect(again.toString()).toBe(selector.toString());
      }),
    );
  });

  test('prints in one order and with one operator for equal', () => {
    expect(FieldSelector.parse('b==2,a!=x,a=1').toString()).toBe('a!=x,a=1,b=2');
  });

  test.each(['', ',', ',,', '=', '!=', '=='])('takes %j for everything', (text) => {
    const selector = FieldSelector.parse(text);
    expect(selector.empty).toBe(true);
    expect(selector.matches({})).toBe(true);
    expect(selector.toString()).toBe('');
  });

  test.each([
    ['a', 0],
    ['x=1,a<b', 4],
    ['a=b=c', 0],
    ['a!==b', 0],
    ['x=1,a=\\', 4],
    ['a=\\b', 0],
    ['a=b\\,c=d', 0],
    [' ', 0],
  ])('rejects %j, naming position %i', (text, position) => {
    let error: unknown;
    try {
      FieldSelector.parse(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toSatisfy(isBadRequest);
    expect(String(error)).toContain(`field selector ${JSON.stringify(text)} at position ${position}:`);
  });

  test('rejects what is not a string, and more than 64 Ki characters', () => {
    expect(() => FieldSelector.parse(null as never)).toThrow(expect.toSatisfy(isBadRequest));
    const longest = `a=${'\\,'.repeat(32 * 1024 - 1)}`;
    expect(FieldSelector.parse(longest).requirements[0]?.value).toHaveLength(32 * 1024 - 1);
    expect(() => FieldSelector.parse(`${longest},`)).toThrow(expect.toSatisfy(isBadRequest));
  });
});

describe('from', () => {
  test('asks for every field of the map, whatever its value', () => {
    fc.assert(
      fc.property(fc.dictionary(fields, values), (map) => {
        const selector = FieldSelector.from(map);
        expect(selector.matches(map)).toBe(true);
        expect(new Map(selector.requirements.map(({ field, value }) => [field, value]))).toEqual(
          new Map(Object.entries(map)),
        );
        expect(FieldSelector.parse(selector.toString()).requirements).toEqual(selector.requirements);
      }),
    );
  });

  test('rejects a field that the text could not hold, and a value that is not a string', () => {
    for (const field of ['a=b', 'a!', 'a,b', 'a\\']) {
      expect(() => FieldSelector.from({ [field]: '' })).toThrow(expect.toSatisfy(isBadRequest));
    }
    expect(() => FieldSelector.from({ 'spec.nodeName': 1 } as never)).toThrow(
      'spec.nodeName: expected a string, got 1',
    );
  });
});

test('names the fields that it reads, and the value that a field must have', () => {
  const selector = FieldSelector.parse('b!=1,a=x,b=2,c!=');
  expect(selector.fields.toSorted()).toEqual(['a', 'b', 'c']);
  expect(selector.requiresExactMatch('a')).toBe('x');
  expect(selector.requiresExactMatch('b')).toBe('2');
  expect(selector.requiresExactMatch('c')).toBeUndefined();
  expect(selector.requiresExactMatch('d')).toBeUndefined();
});

test('takes a field that is absent or inherited for empty', () => {
  expect(FieldSelector.parse('toString=').matches({})).toBe(true);
  expect(FieldSelector.parse('a!=x').matches(Object.create({ a: 'x' }) as Record<string, string>)).toBe(true);
});

test('a selector cannot be changed', () => {
  const selector = FieldSelector.parse('a=b');
  for (const part of [selector, selector.requirements, selector.requirements[0], selector.fields]) {
    expect(part).toSatisfy(Object.isFrozen);
  }
  expect(FieldSelector.everything.matches({ a: 'b' })).toBe(true);
});
