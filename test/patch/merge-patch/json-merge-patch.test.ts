import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest } from '../../../src/core/index.js';
import { jsonMergePatch } from '../../../src/patch/index.js';
import { arbitraryJson, HOSTILE_KEYS } from '../arbitrary-json.js';
import { canonical, mergeModel, textOf, toModel } from '../json-model.js';

const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('jsonMergePatch', () => {
  // the cases of RFC 7396, appendix A, except that a null patch is refused and null has no members to keep
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [null, { a: 1 }, { a: 1 }],
  ])('merges into %j the patch %j', (original, patch, result) => {
    expect(jsonMergePatch(original, patch)).toEqual(result);
  });

  it('drops null members inside new arrays but keeps null elements', () => {
    const patch = { a: [null, { f: null, g: [{ h: null }, null] }] };
    for (const original of [{}, { a: 1 }, { a: [1] }, { a: { b: 1 } }]) {
      expect(jsonMergePatch<unknown>(original, patch)).toEqual({ a: [null, { g: [{}, null] }] });
    }
  });

  it('gives back the original itself where the patch changes nothing', () => {
    const original = deepFreeze({ a: { list: [{ b: 1 }, null] }, n: null });
    for (const patch of [
      {},
      { a: {} },
      { x: null },
      { a: { list: [{ b: 1, c: null }, null] } },
      { a: original.a },
    ]) {
      expect(jsonMergePatch<unknown>(original, patch)).toBe(original);
    }
  });

  it('shares what the patch left as it was, and leaves the original as it was', () => {
    const original = deepFreeze({ metadata: { labels: { a: '1' } }, spec: { list: [1], replicas: 1 } });
    const result = jsonMergePatch(original, { spec: { replicas: 2, list: [1] } });
    expect(result.metadata).toBe(original.metadata);
    expect(result.spec.list).toBe(original.spec.list);
    expect(result.spec.replicas).toBe(2);
    expect(original.spec.replicas).toBe(1);
  });

  it('shares nothing with the patch', () => {
    const patch = { a: { list: [1] } };
    const result = jsonMergePatch<unknown>({}, patch);
    patch.a.list.push(2);
    expect(result).toEqual({ a: { list: [1] } });
  });

  it('takes an undefined member for an absent one', () => {
    expect(jsonMergePatch<unknown>({ a: 1 }, { a: undefined, b: { c: undefined } })).toEqual({ a: 1, b: {} });
  });

  it('treats keys that every object inherits as data', () => {
    const original = deepFreeze(parse('{"labels":{"__proto__":"x","constructor":"y"}}'));
    const result = jsonMergePatch(
      original,
      parse(
        '{"labels":{"constructor":null,"__proto__":{"a":1},"toString":"t"},"__proto__":{"polluted":true}}',
      ),
    );
    expect(canonical(result)).toBe(
      canonical(parse('{"labels":{"__proto__":{"a":1},"toString":"t"},"__proto__":{"polluted":true}}')),
    );
    expect('polluted' in {}).toBe(false);
    expect(jsonMergePatch<unknown>({}, parse('{"constructor":null,"toString":null}'))).toEqual({});
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a value that is no JSON', { a: [new Date(0)] }],
    ['a hole in an array', { a: [undefined] }],
  ])('refuses %s as malformed', (_, patch) => {
    expect(() => jsonMergePatch({}, patch)).toThrow(expect.toSatisfy(isBadRequest));
  });

  it('takes a patch of 1,000 levels and refuses a deeper one', () => {
    const nested = (levels: number): object => {
      let value: object = {};
      for (let level = 1; level < levels; level++) value = { a: value };
      return value;
    };
    const deep = nested(1_000);
    expect(canonical(jsonMergePatch({ a: { b: 1 } }, deep))).toContain('"b":1');
    expect(() => jsonMergePatch({}, nested(1_001))).toThrow(expect.toSatisfy(isBadRequest));
    expect(() => jsonMergePatch(nested(100_000), nested(100_000))).toThrow(expect.toSatisfy(isBadRequest));
    expect(() => jsonMergePatch(nested(100_000), deep)).not.toThrow();
  });

  it('does what a plain model does', () => {
    const { value } = arbitraryJson(HOSTILE_KEYS);
    const patches = value.filter((patch) => patch !== null);
    fc.assert(
      fc.property(value, patches, (original, patch) => {
        const before = canonical(original);
        const result = jsonMergePatch(deepFreeze(original), deepFreeze(patch));
        expect(canonical(result)).toBe(textOf(mergeModel(toModel(original), toModel(patch))));
        expect(canonical(original)).toBe(before);
        if (canonical(result) === before) expect(result).toBe(original);
      }),
      { numRuns: 2_000 },
    );
  });
});
