import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest } from '../../../src/core/index.js';
import { createJsonPatch, jsonPatch } from '../../../src/patch/index.js';
import { arbitraryJson, HOSTILE_KEYS } from '../arbitrary-json.js';
import { canonical } from '../json-model.js';

describe('createJsonPatch', () => {
  it('adds, removes and replaces what differs', () => {
    const operations = createJsonPatch({ a: 1, b: 2, list: [1, 2] }, { a: 1, b: 3, c: { d: [] }, list: [1] });
    expect(operations).toHaveLength(3);
    expect(operations).toEqual(
      expect.arrayContaining([
        { op: 'replace', path: '/b', value: 3 },
        { op: 'add', path: '/c', value: { d: [] } },
        { op: 'remove', path: '/list/1' },
      ]),
    );
  });

  it('is empty for equal values, whatever the order of members', () => {
    expect(createJsonPatch({ a: 1, b: [{}] }, { b: [{}], a: 1 })).toEqual([]);
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, [1]],
    [[1], { 0: 1 }],
    [{ a: 1 }, null],
    [null, { a: 1 }],
    ['a', 'b'],
    [{ a: [1] }, { a: { 0: 1 } }],
    [{ a: {} }, { a: null }],
  ])('replaces what changes its type: %j to %j', (original, modified) => {
    expect(canonical(jsonPatch(original, createJsonPatch(original, modified)))).toBe(canonical(modified));
  });

  it('takes an undefined member for an absent one', () => {
    expect(createJsonPatch({ a: 1, b: undefined }, { a: undefined })).toEqual([{ op: 'remove', path: '/a' }]);
  });

  it('shares nothing with its inputs', () => {
    const modified = { a: { list: [1] } };
    const operations = createJsonPatch({}, modified);
    modified.a.list.push(2);
    expect(operations).toEqual([{ op: 'add', path: '/a', value: { list: [1] } }]);
  });

  it('refuses what is no JSON and what is too deep, naming the input', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const [original, modified, field] of [
      [{ a: [new Date(0)] }, {}, 'original.a[0]'],
      [{}, { a: 1n }, 'modified.a'],
      [{}, cycle, 'modified.self.self'],
    ] as const) {
      expect(() => createJsonPatch(original, modified)).toThrow(
        expect.toSatisfy((error: unknown) => isBadRequest(error) && error.message.startsWith(field)),
      );
    }
  });

  it('makes patches that turn any JSON into any other', () => {
    const { value } = arbitraryJson(HOSTILE_KEYS);
    fc.assert(
      fc.property(value, value, (original, modified) => {
        const operations = createJsonPatch(deepFreeze(original), deepFreeze(modified));
        expect(canonical(jsonPatch(original, operations))).toBe(canonical(modified));
        expect(operations.length === 0).toBe(canonical(original) === canonical(modified));
      }),
      { numRuns: 2_000 },
    );
  });
});
