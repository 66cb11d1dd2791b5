import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRecord,
  RecordEncoder,
  recordKey,
  splitRecordKey,
} from '../../../../src/store/storage/lmdb/record.js';

/** As a session writes it. */
function encode(name: string, revision: number, text: string): Buffer {
  return new RecordEncoder().encode(name, revision, text);
}

describe('the key of a record', () => {
  it('is taken apart into what it was made of', () => {
    for (const [collection, key] of [
      ['pods', 'default/a'],
      ['deployments.apps', 'a/b/c'],
      ['namespaces', 'default'],
      ['__proto__', 'constructor'],
      ['a', ''],
    ] as const) {
      expect(splitRecordKey(recordKey(collection, key))).toEqual({ collection, key });
    }
  });

  it('may be as long as the interface allows, and no longer', () => {
    expect(recordKey('a', 'k'.repeat(1_023))).toHaveLength(1_025);
    expect(() => recordKey('a', 'k'.repeat(1_024))).toThrow(RangeError);
  });

  it.each([
    ['', 'a'],
    ['a/b', 'c'],
    ['pods', 'é'],
    ['pods', 'a\0b'],
    ['pods\n', 'a'],
  ])('is refused for %j and %j', (collection, key) => {
    expect(() => recordKey(collection, key)).toThrow(TypeError);
  });
});

describe('a record', () => {
  it('gives back any text, also such as is no proper Unicode', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (value, revision) => {
        expect(decodeRecord('pods/a', revision, encode('pods/a', revision, value))).toBe(value);
      }),
      { seed: 20_261_121 },
    );
  });

  it('is as long as its text in UTF-8, and five bytes', () => {
    expect(encode('pods/a', 2, 'abc')).toHaveLength(8);
    expect(encode('pods/a', 2, 'é€')).toHaveLength(10);
  });

  it('is not taken for another one: changed in any byte, cut short, or in the place of another', () => {
    const bytes = encode('pods/a', 7, '{"kind":"Pod"}');
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const damaged = Buffer.from(bytes);
        damaged[index] = (damaged[index] ?? 0) ^ (1 << bit);
        expect(decodeRecord('pods/a', 7, damaged)).toBeUndefined();
      }
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeRecord('pods/a', 7, bytes.subarray(0, length))).toBeUndefined();
    }
    expect(decodeRecord('pods/b', 7, bytes)).toBeUndefined();
    expect(decodeRecord('pods/a', 8, bytes)).toBeUndefined();
    expect(decodeRecord('pods/a', 7, bytes)).toBe('{"kind":"Pod"}');
  });
});
