import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest } from '../../../src/core/index.js';
import {
  createJsonMergePatch,
  createThreeWayJsonMergePatch,
  jsonMergePatch,
} from '../../../src/patch/index.js';
import { arbitraryJson, HOSTILE_KEYS } from '../arbitrary-json.js';
import { canonical } from '../json-model.js';

describe('createThreeWayJsonMergePatch', () => {
  it('sets what differs, deletes what the writer gave up, and leaves alone what others set', () => {
    const patch = createThreeWayJsonMergePatch({
      original: { spec: { replicas: 1, image: 'a', gone: true }, labels: { old: 'x' } },
      modified: { spec: { replicas: 2, image: 'a' } },
      current: {
        spec: { replicas: 1, image: 'hand', gone: true, nodeName: 'n1' },
        labels: { old: 'x', other: 'y' },
        status: {},
      },
    });
    expect(patch).toEqual({ spec: { replicas: 2, image: 'a', gone: null }, labels: null });
  });

  it('deletes nothing the first time, when there is no original', () => {
    const modified = { a: 1, b: {} };
    expect(createThreeWayJsonMergePatch({ modified, current: { c: 1 } })).toEqual({ a: 1, b: {} });
    expect(createThreeWayJsonMergePatch({ original: undefined, modified, current: modified })).toEqual({});
  });

  it('deletes what the writer sets to null', () => {
    const inputs = {
      original: { a: 1 },
      modified: { a: null, b: { c: null } },
      current: { a: 1, b: { d: 1 } },
    };
    expect(createThreeWayJsonMergePatch(inputs)).toEqual({ a: null, b: { c: null } });
  });

  it('treats keys that every object inherits as data', () => {
    const original = JSON.parse('{"__proto__":{"a":1},"constructor":1}') as object;
    const modified = JSON.parse('{"__proto__":{"b":2}}') as object;
    const patch = createThreeWayJsonMergePatch({ original, modified, current: original });
    expect(canonical(patch)).toBe('{"__proto__":{"a":null,"b":2},"constructor":null}');
  });

  it('refuses what is no object, naming the input', () => {
    for (const field of ['original', 'modified', 'current']) {
      const inputs = { original: {}, modified: {}, current: {}, [field]: [] };
      expect(() => createThreeWayJsonMergePatch(inputs)).toThrow(
        expect.toSatisfy((error: unknown) => isBadRequest(error) && error.message.startsWith(`${field}: `)),
      );
    }
  });

  const { object } = arbitraryJson(HOSTILE_KEYS, [true, false, 0, 1, 'a', '']);

  it('is the two-way patch where nobody else wrote', () => {
    fc.assert(
      fc.property(object, object, (original, modified) => {
        const patch = createThreeWayJsonMergePatch({ original, modified, current: original });
        expect(canonical(patch)).toBe(canonical(createJsonMergePatch(original, modified)));
      }),
      { numRuns: 500 },
    );
  });

  it('leads to an object that has all the writer asks for, and is left alone by the same patch made anew', () => {
    fc.assert(
      fc.property(object, object, object, (original, modified, current) => {
        deepFreeze([original, modified, current]);
        const result = jsonMergePatch(current, createThreeWayJsonMergePatch({ original, modified, current }));
        expect(jsonMergePatch(result, modified)).toBe(result);
        expect(createThreeWayJsonMergePatch({ original: modified, modified, current: result })).toEqual({});
      }),
      { numRuns: 1_000 },
    );
  });
});
