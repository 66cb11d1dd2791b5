import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBadRequest, type LabelOperator, LabelSelector } from '../../src/core/index.js';

type Labels = Record<string, string>;

interface Part {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

const keys = fc.constantFrom('a', 'b', 'in', 'notin', 'example.com/part', 'constructor', 'x_1');
const values = fc.constantFrom('', '1', '5', '10', 'a', 'in', 'web', 'a.b-c_d');
const labels: fc.Arbitrary<Labels> = fc.dictionary(keys, values);
const parts: fc.Arbitrary<Part[]> = fc.array(
  fc.oneof(
    fc.record({
      key: keys,
      operator: fc.constantFrom<LabelOperator>('=', '==', '!='),
      values: fc.tuple(values),
    }),
    fc.record({
      key: keys,
      operator: fc.constantFrom<LabelOperator>('in', 'notin'),
      values: fc.uniqueArray(values, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      key: keys,
      operator: fc.constantFrom<LabelOperator>('exists', '!'),
      values: fc.constant([]),
    }),
    fc.record({
      key: keys,
      operator: fc.constantFrom<LabelOperator>('gt', 'lt'),
      values: fc.tuple(fc.constantFrom('0', '5', '007')),
    }),
  ),
  { maxLength: 5 },
);

/** The text of a part, with white space where it may be. */
function print({ key, operator, values: of }: Part, space: string): string {
  switch (operator) {
    case 'exists':
      return `${space}${key}${space}`;
    case '!':
      return `${space}!${space}${key}`;
    case 'in':
    case 'notin':
      return `${key} ${space}${operator}${space}(${of.join(`${space},${space}`)})`;
    case 'gt':
      return `${key}${space}>${space}${of.join()}`;
    case 'lt':
      return `${key}${space}<${space}${of.join()}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${space}${operator}${space}${of.join()}${space}`;
  }
}

/** What a part asks for, as plainly as can be said. */
function holds({ key, operator, values: of }: Part, map: Labels): boolean {
  const value = Object.entries(map).find(([name]) => name === key)?.[1];
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'in':
    case '=':
    case '==':
      return value !== undefined && of.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !of.includes(value);
    case 'gt':
      return /^[0-9]+$/.test(value ?? '') && Number(value) > Number(of[0]);
    case 'lt':
      return /^[0-9]+$/.test(value ?? '') && Number(value) < Number(of[0]);
  }
}

describe('parse', () => {
  test('matches where every part of the text holds', () => {
    fc.assert(
      fc.property(parts, labels, fc.constantFrom('', ' ', '\t\n'), (given, map, space) => {
        const selector = LabelSelector.parse(given.map((part) => print(part, space)).join(','));
        expect(selector.matches(map)).toBe(given.every((part) => holds(part, map)));
        expect(selector.empty).toBe(given.length === 0);
      }),
      { numRuns: 2_000 },
    );
  });

  test('reads its own canonical text as the same selector', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const selector = LabelSelector.parse(given.map((part) => print(part, ' ')).join(','));
        const again = LabelSelector.parse(selector.toString());
        expect(again.requirements).toEqual(selector.requirements);
        expect(again.toString()).toBe(selector.toString());
      }),
    );
  });

  test('sorts by key, keeping the order of equal keys, and sorts values', () => {
    expect(LabelSelector.parse('b in (y,x,y),a!=1,!a').toString()).toBe('a!=1,!a,b in (x,y)');
  });

  test.each([
    ['env in ()', ['']],
    ['env=', ['']],
    ['env in (,)', ['']],
    ['env in (a,)', ['', 'a']],
    ['env in (,a)', ['', 'a']],
    ['env in (a,,b)', ['', 'a', 'b']],
  ])('takes what is missing in %j for the empty value', (text, expected) => {
    expect(LabelSelector.parse(text).requirements[0]?.values).toEqual(expected);
  });

  test.each([
    [',a', 0],
    ['a,', 2],
    ['a,,b', 2],
    ['a b', 2],
    ['a=b=c', 3],
    ['a in b', 5],
    ['a in (b', 7],
    ['a in (b c)', 8],
    ['a in (b,,)', 9],
    ['a in ((b))', 6],
    ['a,!', 3],
    ['!!a', 1],
    ['a=(b)', 2],
    ['!a=b', 2],
    ['a gt 5', 2],
    ['/a', 0],
    ['x,é=1', 2],
    ['x, a=-', 3],
    ['x,a>b', 2],
    ['a>9223372036854775808', 0],
    ['a>', 0],
    ['a=b\0', 0],
  ])('rejects %j, naming position %i', (text, position) => {
    let error: unknown;
    try {
      LabelSelector.parse(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toSatisfy(isBadRequest);
    expect(String(error)).toContain(`label selector ${JSON.stringify(text)} at position ${position}:`);
  });

  test('rejects what is not a string, and more than 64 Ki characters', () => {
    expect(() => LabelSelector.parse(undefined as never)).toThrow(expect.toSatisfy(isBadRequest));
    const longest = `a in (${'b,'.repeat(32_764)}b)`;
    expect(longest).toHaveLength(64 * 1024);
    expect(LabelSelector.parse(longest).toString()).toBe('a in (b)');
    expect(() => LabelSelector.parse(`${longest} `)).toThrow(expect.toSatisfy(isBadRequest));
  });

  test('reads ten thousand values', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `v${index}`);
    const selector = LabelSelector.parse(
      `a in (${many.join(',')})`.slice(0, 64 * 1024 - 10).replace(/,[^,]*$/, ')'),
    );
    expect(selector.matches({ a: 'v5000' })).toBe(true);
    expect(selector.matches({ a: 'v10000' })).toBe(false);
  });
});

describe('matches', () => {
  test('reads own labels alone', () => {
    for (const key of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(LabelSelector.parse(key).matches({})).toBe(false);
      expect(LabelSelector.parse(`!${key}`).matches({})).toBe(true);
      expect(LabelSelector.parse(`${key}=a`).matches({ [key]: 'a' })).toBe(true);
      expect(LabelSelector.parse(`${key}>1`).matches({})).toBe(false);
    }
    const inherited = Object.create({ app: 'web', n: '5' }) as Labels;
    for (const text of ['app', 'app=web', 'app in (web,db)', 'n>1', 'n<9']) {
      expect(LabelSelector.parse(text).matches(inherited)).toBe(false);
    }
    for (const text of ['!app', 'app!=web', 'app notin (web,db)']) {
      expect(LabelSelector.parse(text).matches(inherited)).toBe(true);
    }
  });

  test('takes undefined for no labels', () => {
    expect(LabelSelector.parse('!a,a!=b').matches(undefined)).toBe(true);
    expect(LabelSelector.parse('a').matches(undefined)).toBe(false);
    expect(LabelSelector.everything.matches(undefined)).toBe(true);
  });

  test('compares integers of 64 bits exactly, and no other text', () => {
    const selector = LabelSelector.parse('n>9007199254740992');
    expect(selector.matches({ n: '9007199254740993' })).toBe(true);
    expect(selector.matches({ n: '9007199254740992' })).toBe(false);
    for (const n of ['', 'a', '1e30', '9223372036854775808', '0x7fffffffffffffff', '1_000']) {
      expect(selector.matches({ n })).toBe(false);
    }
    expect(LabelSelector.parse('n<1').matches({ n: '-5' })).toBe(true);
  });
});

describe('from', () => {
  test('takes null and undefined for nothing, and an empty selector for everything', () => {
    expect(LabelSelector.from(null)).toBe(LabelSelector.nothing);
    expect(LabelSelector.from(undefined).matches({})).toBe(false);
    for (const spec of [
      {},
      { matchLabels: {}, matchExpressions: [] },
      { matchLabels: null, matchExpressions: null },
    ]) {
      expect(LabelSelector.from(spec)).toBe(LabelSelector.everything);
    }
  });

  test('asks for all labels and expressions', () => {
    const selector = LabelSelector.from({
      matchLabels: { tier: 'web' },
      matchExpressions: [
        { key: 'env', operator: 'NotIn', values: ['prod'] },
        { key: 'app', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist', values: null },
      ],
    });
    expect(selector.toString()).toBe('app,env notin (prod),!old,tier=web');
    expect(selector.matches({ tier: 'web', app: '' })).toBe(true);
    expect(selector.matches({ tier: 'web', app: '', env: 'prod' })).toBe(false);
  });

  test.each([
    ['label selector', []],
    ['label selector', 'a=b'],
    ['matchLabels', { matchLabels: ['a'] }],
    ['matchLabels[a]', { matchLabels: { a: 1 } }],
    ['matchLabels', { matchLabels: { 'a b': '' } }],
    ['matchLabels', JSON.parse('{"matchLabels":{"__proto__":"x"}}')],
    ['matchExpressions', { matchExpressions: {} }],
    ['matchExpressions[0]', { matchExpressions: [null] }],
    [
      'matchExpressions[1].key',
      { matchExpressions: [{ key: 'a', operator: 'Exists' }, { operator: 'Exists' }] },
    ],
    ['matchExpressions[0].operator', { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] }],
    ['matchExpressions[0].operator', { matchExpressions: [{ key: 'a', operator: 'constructor' }] }],
    ['matchExpressions[0].values', { matchExpressions: [{ key: 'a', operator: 'In', values: 'b' }] }],
    ['matchExpressions[0].values[1]', { matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 1] }] }],
    ['matchExpressions[0]', { matchExpressions: [{ key: 'a', operator: 'In', values: [] }] }],
    ['matchExpressions[0]', { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }],
    ['matchExpressions[0]', { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] }],
  ])('names %s in %j, which is wrong', (path, spec) => {
    let error: unknown;
    try {
      LabelSelector.from(spec as never);
    } catch (caught) {
      error = caught;
    }
    expect(error).toSatisfy(isBadRequest);
    expect(String(error)).toContain(`${path}: `);
  });
});

test('prints values that an object repeats as often as it does, but the empty one once', () => {
  const selector = LabelSelector.from({
    matchExpressions: [{ key: 'a', operator: 'In', values: ['x', '', 'x', '', ''] }],
  });
  expect(selector.requirements[0]?.values).toEqual(['', 'x']);
  expect(selector.toString()).toBe('a in (,x,x)');
  expect(LabelSelector.parse(selector.toString()).requirements).toEqual(selector.requirements);
});

describe('and', () => {
  test('matches where both do', () => {
    const selectors = fc.oneof(
      parts.map((given) => LabelSelector.parse(given.map((part) => print(part, '')).join(','))),
      fc.constantFrom(LabelSelector.everything, LabelSelector.nothing),
    );
    fc.assert(
      fc.property(selectors, selectors, labels, (a, b, map) => {
        const both = a.and(b);
        expect(both.matches(map)).toBe(a.matches(map) && b.matches(map));
        expect(both.selectable).toBe(a.selectable && b.selectable);
        if (both.selectable) expect(LabelSelector.parse(both.toString()).toString()).toBe(both.toString());
      }),
      { numRuns: 500 },
    );
  });
});

test('everything and nothing say what they are', () => {
  const { everything, nothing } = LabelSelector;
  expect([everything.empty, everything.selectable, everything.toString()]).toEqual([true, true, '']);
  expect([nothing.empty, nothing.selectable, nothing.toString()]).toEqual([false, false, '']);
});

test('a selector cannot be changed', () => {
  const selector = LabelSelector.parse('a in (b)');
  const [requirement] = selector.requirements;
  for (const part of [selector, selector.requirements, requirement, requirement?.values])
    expect(part).toSatisfy(Object.isFrozen);
});
