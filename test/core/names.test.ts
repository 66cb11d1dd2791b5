import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NameType, validateAnnotations, validateLabels, validateName } from '../../src/core/index.js';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const PLAIN = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

/** The patterns that Kubernetes documents, and what it asks for beside them. */
const RULES: Readonly<Record<NameType, (value: string) => boolean>> = {
  dns1123label: (value) => value.length <= 63 && whole(LABEL, value),
  dns1035label: (value) => value.length <= 63 && whole('[a-z]([-a-z0-9]*[a-z0-9])?', value),
  dns1123subdomain: (value) => value.length <= 253 && whole(SUBDOMAIN, value),
  'qualified-name': (value) => {
    const parts = value.split('/');
    const name = parts.pop() ?? '';
    const [prefix] = parts;
    return (
      parts.length <= 1 &&
      name.length <= 63 &&
      whole(PLAIN, name) &&
      (prefix === undefined || (prefix.length <= 253 && whole(SUBDOMAIN, prefix)))
    );
  },
  'label-value': (value) => value.length <= 63 && whole(`(${PLAIN})?`, value),
  'path-segment': (value) => value !== '.' && value !== '..' && !/[/%]/.test(value),
  percent: (value) => whole('[0-9]+%', value),
  'env-var-name': (value) =>
    whole('[-._a-zA-Z][-._a-zA-Z0-9]*', value) && value !== '.' && !value.startsWith('..'),
  'configmap-key': (value) =>
    value.length <= 253 && whole('[-._a-zA-Z0-9]+', value) && value !== '.' && !value.startsWith('..'),
  'port-name': (value) =>
    value.length <= 15 &&
    whole('[-a-z0-9]+', value) &&
    /[a-z]/.test(value) &&
    !value.includes('--') &&
    !value.startsWith('-') &&
    !value.endsWith('-'),
  'field-manager': (value) => value.length >= 1 && value.length <= 128 && !value.includes('\n'),
};
const TYPES = Object.keys(RULES) as NameType[];

function whole(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(value);
}

const short = fc.string({ unit: fc.constantFrom(...'azAZ09--..__/%\u00e9\n '.split('')), maxLength: 12 });

describe('validateName', () => {
  test.each(TYPES)('accepts exactly what the documented pattern of %s does', (type) => {
    fc.assert(
      fc.property(short, (value) => (validateName(type, value).length === 0) === RULES[type](value)),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['dns1123label', 63],
    ['dns1035label', 63],
    ['dns1123subdomain', 253],
    ['qualified-name', 63],
    ['label-value', 63],
    ['configmap-key', 253],
    ['port-name', 15],
  ] as const)('accepts a %s of %i characters and none longer', (type, length) => {
    expect(validateName(type, 'a'.repeat(length))).toEqual([]);
    const [problem, ...more] = validateName(type, 'a'.repeat(length + 1));
    expect(problem).toContain(`at most ${length} characters, got ${length + 1}`);
    expect(more).toEqual([]);
  });

  test('accepts a qualified name whose parts are as long as they may be', () => {
    const prefix = 'a'.repeat(253);
    const name = 'b'.repeat(63);
    expect(validateName('qualified-name', `${prefix}/${name}`)).toEqual([]);
    expect(validateName('qualified-name', `${prefix}a/b`)).not.toEqual([]);
    expect(validateName('qualified-name', `${prefix}a/${name}`)).not.toEqual([]);
    expect(validateName('qualified-name', `a/${name}b`)).not.toEqual([]);
  });

  test.each(TYPES.filter((type) => type !== 'path-segment' && type !== 'field-manager'))(
    'rejects lookalikes of ASCII in a %s',
    (type) => {
      for (const lookalike of [
        '\u0430',
        '\uff41',
        '\uff11',
        '\u0969',
        '\u212a',
        '\u017f',
        'a\u200b',
        'a\n',
        'a\0',
      ]) {
        expect(validateName(type, type === 'percent' ? `${lookalike}%` : lookalike)).not.toEqual([]);
      }
    },
  );

  test.each(TYPES)('judges a %s of a million characters', (type) => {
    for (const unit of ['a', 'a.', '-', '.', '1', '/', 'a/']) {
      const value = `${unit.repeat(1_000_000 / unit.length)}!`;
      expect(validateName(type, value).length === 0).toBe(type === 'path-segment' && !unit.includes('/'));
    }
  });

  test('says what is expected, of each part that is wrong', () => {
    expect(validateName('qualified-name', 'Example.com/-x')).toEqual([
      expect.stringMatching(/^prefix: expected lower case letters/),
      expect.stringMatching(/^expected letters, digits/),
    ]);
    expect(validateName('port-name', '--')).toHaveLength(3);
  });
});

describe('validateLabels', () => {
  test('finds nothing wrong with valid labels', () => {
    expect(validateLabels({}, 'metadata.labels')).toEqual([]);
    expect(validateLabels({ app: 'web', 'example.com/part': '', Tier_1: 'A.b' }, 'metadata.labels')).toEqual(
      [],
    );
  });

  test('names the path, the key and the value that are wrong', () => {
    const errors = validateLabels({ 'a b': 'x', app: '-', '/': '!' }, 'metadata.labels');
    expect(errors.map(({ field, type, value }) => ({ field, type, value }))).toEqual([
      { field: 'metadata.labels', type: 'FieldValueInvalid', value: 'a b' },
      { field: 'metadata.labels[app]', type: 'FieldValueInvalid', value: '-' },
      { field: 'metadata.labels', type: 'FieldValueInvalid', value: '/' },
      { field: 'metadata.labels', type: 'FieldValueInvalid', value: '/' },
      { field: 'metadata.labels', type: 'FieldValueInvalid', value: '!' },
    ]);
  });

  test.each([[1], [null], [undefined], [{}], [['x']]])(
    'rejects the value %j, which is not a string',
    (value) => {
      const errors = validateLabels({ app: value } as never, 'metadata.labels');
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({
        type: 'FieldValueTypeInvalid',
        field: 'metadata.labels[app]',
        value,
      });
    },
  );

  test.each([[null], ['app'], [['app']], [1]])('rejects %j, which is no map', (labels) => {
    expect(validateLabels(labels as never, 'metadata.labels')).toMatchObject([
      { type: 'FieldValueTypeInvalid', field: 'metadata.labels', value: labels },
    ]);
  });

  test('takes names of the prototype for keys like others', () => {
    const labels = JSON.parse('{"constructor":"a","toString":"b","__proto__":"c"}') as Record<string, string>;
    expect(validateLabels(labels, 'metadata.labels').map(({ value }) => value)).toEqual(['__proto__']);
  });

  test('reads own keys alone', () => {
    expect(validateLabels(Object.create({ 'not valid': '!' }) as Record<string, string>, 'labels')).toEqual(
      [],
    );
  });

  test('agrees with the rules of keys and values', () => {
    fc.assert(
      fc.property(fc.dictionary(short, short), (labels) => {
        const valid = Object.entries(labels).every(
          ([key, value]) => RULES['qualified-name'](key) && RULES['label-value'](value),
        );
        expect(validateLabels(labels, 'labels').length === 0).toBe(valid);
      }),
    );
  });
});

describe('validateAnnotations', () => {
  test('accepts any text as value, and upper case in the prefix of a key', () => {
    expect(
      validateAnnotations({ 'Example.COM/Part': '{"any": "text é\\n"}' }, 'metadata.annotations'),
    ).toEqual([]);
    expect(validateLabels({ 'Example.COM/Part': '' }, 'metadata.labels')).toHaveLength(1);
  });

  test('lower-cases ASCII letters alone', () => {
    expect(validateAnnotations({ '\u212a8s.io/x': '' }, 'metadata.annotations')).toHaveLength(1);
  });

  test('rejects values that are not strings, and what is no map', () => {
    expect(validateAnnotations({ a: 1 } as never, 'metadata.annotations')).toMatchObject([
      { type: 'FieldValueTypeInvalid', field: 'metadata.annotations[a]', value: 1 },
    ]);
    expect(validateAnnotations([] as never, 'metadata.annotations')).toMatchObject([
      { type: 'FieldValueTypeInvalid', field: 'metadata.annotations' },
    ]);
  });

  test('allows 256 KiB of keys and values in UTF-8, and no byte more', () => {
    const size = 256 * 1024;
    expect(validateAnnotations({ a: 'x'.repeat(size - 3), b: 'y' }, 'metadata.annotations')).toEqual([]);
    const errors = validateAnnotations({ a: 'x'.repeat(size - 4), b: '\u00e9', c: '' }, 'm');
    expect(errors).toMatchObject([{ type: 'FieldValueTooLong', field: 'm' }]);
    expect(String(errors[0])).toContain(String(size + 1));
  });
});
