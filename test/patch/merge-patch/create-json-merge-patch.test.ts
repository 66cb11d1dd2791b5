import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest } from '../../../src/core/index.js';
import { createJsonMergePatch, jsonMergePatch } from '../../../src/patch/index.js';
import { arbitraryJson, HOSTILE_KEYS } from '../arbitrary-json.js';
import { canonical } from '../json-model.js';

describe('createJsonMergePatch', () => {
  it.each<[object, object, object]>([
    [{ a: 1, b: { c: 1, d: 2 } }, { a: 1, b: { c: 1, d: 3 } }, { b: { d: 3 } }],
    [{ a: 1, b: { c: 1 } }, { b: {} }, { a: null, b: { c: null } }],
    [{ a: [1, 2] }, { a: [1] }, { a: [1] }],
    [{ a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, {}],
    [{ a: 1 }, { a: {} }, { a: {} }],
    [{ a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
    [{}, { a: {} }, { a: {} }],
  ])('makes of %j and %j the patch %j', (original, modified, patch) => {
    expect(createJsonMergePatch(original, modified)).toEqual(patch);
  });

  it('deletes what becomes null, as a merge patch cannot set null', () => {
    expect(createJsonMergePatch({ a: 1, b: null }, { a: null, b: null, c: null })).toEqual({
      a: null,
      c: null,
    });
  });

  it('tells null and absent members apart inside arrays', () => {
    expect(createJsonMergePatch({ a: [{ x: null }] }, { a: [{}] })).toEqual({ a: [{}] });
    expect(createJsonMergePatch({ a: [{ y: 1 }] }, { a: [{ x: null }] })).toEqual({ a: [{ x: null }] });
  });

  it('takes an undefined member for an absent one', () => {
    expect(createJsonMergePatch({ a: 1, b: undefined }, { a: undefined, c: undefined })).toEqual({ a: null });
  });

  it('shares nothing with its inputs', () => {
    const modified = { a: { list: [1] } };
    const patch = createJsonMergePatch({}, modified);
    modified.a.list.push(2);
    expect(patch).toEqual({ a: { list: [1] } });
  });

  it('refuses what is no object, no JSON or too deep, naming the input', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const [original, modified, field] of [
      [[], {}, 'original: '],
      [{}, [], 'modified: '],
      [{}, { a: { b: Number.NaN } }, 'modified.a.b: '],
      [cycle, {}, 'original.self.self'],
    ] as const) {
      expect(() => createJsonMergePatch(original, modified)).toThrow(
        expect.toSatisfy((error: unknown) => isBadRequest(error) && error.message.startsWith(field)),
      );
    }
  });

  it('makes patches that turn any object into any other without null members', () => {
    const originals = arbitraryJson(HOSTILE_KEYS).object;
    const modifieds = arbitraryJson(HOSTILE_KEYS, [true, false, 0, 1, 'a', '']).object;
    fc.assert(
      fc.property(originals, modifieds, (original, modified) => {
        const patch = createJsonMergePatch(deepFreeze(original), deepFreeze(modified));
        const result = jsonMergePatch(original, patch);
        expect(canonical(result)).toBe(canonical(modified));
        expect(Object.keys(patch).length === 0).toBe(canonical(original) === canonical(modified));
      }),
      { numRuns: 2_000 },
    );
  });
});
