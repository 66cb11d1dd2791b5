import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, deepFreeze, isBadRequest } from '../../../src/core/index.js';
import { type MergeSchema, strategicMergePatch } from '../../../src/patch/index.js';
import { Deployment, Pod } from '../../../src/resources/kinds/index.js';
import { arbitraryObject } from '../arbitrary-object.js';
import { canonical, type Model, textOf, toModel } from '../json-model.js';
import { arbitraryPatch } from './arbitrary-patch.js';
import { Refused, strategicMergeModel } from './strategic-merge-model.js';
import { WIDGET } from './widget.js';

const OPEN: MergeSchema = { fields: {}, open: true };

const podWith = (spec: object, metadata: object = {}): object => deepFreeze({ metadata, spec });

function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
}

describe('strategicMergePatch', () => {
  it('merges lists by their merge key, keeps what the patch does not name, and puts new items first', () => {
    const pod = podWith({
      containers: [
        { name: 'web', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'side', image: 'b:1' },
      ],
    });
    const patch = {
      spec: {
        containers: [
          { name: 'new', image: 'c:1' },
          { name: 'web', image: 'a:2', env: [{ name: 'Y', value: '2' }] },
        ],
      },
    };
    expect(strategicMergePatch<unknown>(pod, patch, Pod)).toEqual({
      metadata: {},
      spec: {
        containers: [
          { name: 'new', image: 'c:1' },
          {
            name: 'web',
            image: 'a:2',
            env: [
              { name: 'Y', value: '2' },
              { name: 'X', value: '1' },
            ],
          },
          { name: 'side', image: 'b:1' },
        ],
      },
    });
  });

  it.each<[string, object, object, object]>([
    [
      'deletes an item',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [{ name: 'b' }] },
    ],
    [
      'replaces a list',
      { containers: [{ name: 'a', image: 'x' }] },
      { containers: [{ $patch: 'replace' }, { name: 'a' }] },
      { containers: [{ name: 'a' }] },
    ],
    [
      'replaces an object',
      { securityContext: { runAsUser: 1 } },
      { securityContext: { $patch: 'replace', fsGroup: 2 } },
      { securityContext: { fsGroup: 2 } },
    ],
    [
      'empties an object',
      { securityContext: { runAsUser: 1 } },
      { securityContext: { $patch: 'delete' } },
      { securityContext: {} },
    ],
    ['leaves out a new object with $patch', {}, { securityContext: { $patch: 'replace', fsGroup: 2 } }, {}],
    [
      'replaces lists that do not merge',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b', $patch: 'delete' }] },
      { tolerations: [{ key: 'b', $patch: 'delete' }] },
    ],
    [
      'deletes by null',
      { hostname: 'a', nodeName: 'b' },
      { hostname: null, subdomain: null },
      { nodeName: 'b' },
    ],
    [
      'drops nulls from new objects',
      {},
      { affinity: { podAffinity: null, nodeAffinity: {} } },
      { affinity: { nodeAffinity: {} } },
    ],
    [
      'orders a list',
      { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
      { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] },
      { containers: [{ name: 'b' }, { name: 'c' }, { name: 'a' }] },
    ],
    [
      'gives new items the places that deleted ones left',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      {
        '$setElementOrder/containers': [{ name: 'new' }],
        containers: [{ name: 'a', $patch: 'delete' }, { name: 'new' }],
      },
      { containers: [{ name: 'b' }, { name: 'new' }] },
    ],
    [
      'turns an object into a list',
      { securityContext: { runAsUser: 1 } },
      { securityContext: ['a'] },
      { securityContext: ['a'] },
    ],
    [
      'goes through a scalar',
      { securityContext: 'x' },
      { securityContext: { windowsOptions: { hostProcess: true } } },
      { securityContext: { windowsOptions: { hostProcess: true } } },
    ],
    [
      'merges items with the same key into the first one',
      { containers: [{ name: 'a' }] },
      {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'a', tty: true },
        ],
      },
      { containers: [{ name: 'a', image: 'x', tty: true }] },
    ],
  ])('%s', (_, before, patch, after) => {
    expect(strategicMergePatch<unknown>({ spec: before }, { spec: patch }, Pod)).toEqual({ spec: after });
  });

  it('merges, orders and deletes from sets of scalars', () => {
    const pod = podWith({}, { finalizers: ['a', 'b', 'c'] });
    const finalizersAfter = (metadata: object): unknown =>
      strategicMergePatch<{ metadata: { finalizers: unknown } }>(pod as never, { metadata }, Pod).metadata
        .finalizers;
    expect(finalizersAfter({ finalizers: ['d', 'b'] })).toEqual(['d', 'a', 'b', 'c']);
    expect(finalizersAfter({ '$deleteFromPrimitiveList/finalizers': ['b', 'x'] })).toEqual(['a', 'c']);
    expect(finalizersAfter({ '$setElementOrder/finalizers': ['c', 'b', 'a'] })).toEqual(['c', 'b', 'a']);
    expect(
      finalizersAfter({
        finalizers: ['d'],
        '$setElementOrder/finalizers': ['d', 'a'],
        '$deleteFromPrimitiveList/finalizers': ['b', 'c'],
      }),
    ).toEqual(['d', 'a']);
  });

  it('keeps only what $retainKeys names', () => {
    const before = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(strategicMergePatch<unknown>(before, patch, Deployment)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    });
  });

  it('merges raw data and open objects as a JSON merge patch does, and keeps their directives as data', () => {
    const before = deepFreeze({ a: { b: 1, list: [{ x: 1 }], gone: true } });
    const patch = { a: { c: { d: null }, list: [{ y: null }], gone: null } };
    expect(strategicMergePatch<unknown>(before, patch, OPEN)).toEqual({
      a: { b: 1, c: {}, list: [{ y: null }] },
    });
    const raw: MergeSchema = { fields: { raw: { type: 'any' }, map: { type: 'any', map: true } } };
    expect(
      strategicMergePatch<unknown>(
        { raw: { a: { b: 1 } }, map: { k: { a: [1] } } },
        { raw: { a: { c: 2 } }, map: { k: { a: [2] } } },
        raw,
      ),
    ).toEqual({ raw: { a: { b: 1, c: 2 } }, map: { k: { a: [2] } } });
  });

  it('gives back the original itself where the patch changes nothing', () => {
    const pod = podWith(
      { containers: [{ name: 'a', image: 'x', args: ['1'] }], nodeName: 'n' },
      { finalizers: ['a', 'b'] },
    );
    for (const patch of [
      {},
      { spec: {} },
      { status: null },
      { spec: { containers: [] } },
      {
        spec: {
          containers: [{ name: 'a', image: 'x', args: ['1'] }],
          '$setElementOrder/containers': [{ name: 'a' }],
        },
      },
      { metadata: { finalizers: ['a'], '$deleteFromPrimitiveList/finalizers': ['x'] } },
      { spec: { $patch: 'replace', nodeName: 'n', containers: [{ name: 'a', image: 'x', args: ['1'] }] } },
      pod,
    ]) {
      expect(strategicMergePatch(pod, patch, Pod)).toBe(pod);
    }
  });

  it('shares what the patch left as it was, and nothing with the patch', () => {
    const pod = deepFreeze({
      metadata: { labels: { a: '1' } },
      spec: { containers: [{ name: 'a' }, { name: 'b', image: 'x' }] },
    });
    const patch = {
      spec: {
        containers: [
          { name: 'b', image: 'y' },
          { name: 'c', args: ['1'] },
        ],
      },
    };
    const result = strategicMergePatch(pod, patch, Pod);
    expect(result.metadata).toBe(pod.metadata);
    expect(result.spec.containers).toContain(pod.spec.containers[0]);
    patch.spec.containers[1]?.args?.push('2');
    expect(JSON.stringify(result)).not.toContain('"2"');
  });

  it('treats keys that every object inherits as data', () => {
    const original = deepFreeze(
      JSON.parse('{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}') as object,
    );
    const patch: unknown = JSON.parse(
      '{"metadata":{"labels":{"constructor":null,"__proto__":"z","toString":"t"}},"__proto__":{"polluted":true}}',
    );
    const result = strategicMergePatch(original, patch, Pod);
    expect(canonical(result)).toBe(
      '{"__proto__":{"polluted":true},"metadata":{"labels":{"__proto__":"z","toString":"t"}}}',
    );
    expect('polluted' in {}).toBe(false);
    expect(() => strategicMergePatch({ constructor: {} }, { constructor: {} }, Pod)).toThrow(
      expect.toSatisfy(isBadRequest),
    );
  });

  describe('refuses, naming the path,', () => {
    const pod = podWith(
      { containers: [{ name: 'a', ports: [{ containerPort: 1 }] }], nodeName: 'n' },
      { finalizers: ['a'], labels: { a: 'b' } },
    );
    const inContainers = (...items: unknown[]): object => ({ spec: { containers: items } });
    it.each<[string, unknown, string]>([
      ['no object', [], 'patch'],
      ['null', null, 'patch'],
      ['undefined', undefined, 'patch'],
      ['what is no JSON', { spec: { nodeName: new Date(0) } }, 'patch.spec.nodeName'],
      ['an item without its merge key', inContainers({ image: 'x' }), 'patch.spec.containers[0]'],
      ['a merge key that is an object', inContainers({ name: {} }), 'patch.spec.containers[0]'],
      [
        'a merge key that is missing further down',
        inContainers({ name: 'b' }, { name: 'a', ports: [{}] }),
        'patch.spec.containers[1].ports[0]',
      ],
      ['an unknown $patch', inContainers({ name: 'a', $patch: 'merge' }), 'patch.spec.containers[0]'],
      ['an unknown $patch in an object', { spec: { $patch: 'bogus' } }, 'patch.spec.$patch'],
      ['a deletion without a merge key', inContainers({ $patch: 'delete' }), 'patch.spec.containers[0]'],
      ['items of several kinds', inContainers({ name: 'a' }, 'b'), 'patch.spec.containers[1]'],
      ['null in a list that merges', { metadata: { finalizers: [null] } }, 'patch.metadata.finalizers[0]'],
      ['a list in a list that merges', { metadata: { finalizers: [['a']] } }, 'patch.metadata.finalizers[0]'],
      ['$retainKeys that is no list', { spec: { $retainKeys: 'nodeName' } }, 'patch.spec.$retainKeys'],
      ['$retainKeys of other things than names', { spec: { $retainKeys: [1] } }, 'patch.spec.$retainKeys'],
      [
        'members that $retainKeys does not name',
        { spec: { $retainKeys: [], nodeName: 'x' } },
        'patch.spec.nodeName',
      ],
      [
        '$deleteFromPrimitiveList that is no list',
        { metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } },
        'patch.metadata[$deleteFromPrimitiveList/finalizers]',
      ],
      [
        '$deleteFromPrimitiveList of objects',
        { metadata: { '$deleteFromPrimitiveList/finalizers': [{}] } },
        'patch.metadata[$deleteFromPrimitiveList/finalizers]',
      ],
      [
        '$deleteFromPrimitiveList without a list',
        { metadata: { $deleteFromPrimitiveList: ['a'] } },
        'patch.metadata.$deleteFromPrimitiveList',
      ],
      [
        '$setElementOrder that is no list',
        { metadata: { '$setElementOrder/finalizers': 'a' } },
        'patch.metadata[$setElementOrder/finalizers]',
      ],
      [
        '$setElementOrder without a list',
        { metadata: { $setElementOrder: [] } },
        'patch.metadata.$setElementOrder',
      ],
      [
        '$setElementOrder of an unknown field',
        { metadata: { '$setElementOrder/other': [] } },
        'patch.metadata.other',
      ],
      [
        '$setElementOrder of a field that holds no list',
        { spec: { '$setElementOrder/nodeName': [] } },
        'patch.spec.nodeName',
      ],
      [
        '$setElementOrder without merge keys',
        { spec: { '$setElementOrder/containers': [{}] } },
        'patch.spec[$setElementOrder/containers][0]',
      ],
      [
        'items in another order than $setElementOrder',
        { metadata: { finalizers: ['y', 'x'], '$setElementOrder/finalizers': ['x', 'y'] } },
        'patch.metadata.finalizers[1]',
      ],
      [
        'an object beside $setElementOrder',
        { metadata: { finalizers: {}, '$setElementOrder/finalizers': ['x', 'y'] } },
        'patch.metadata.finalizers',
      ],
    ])('%s', (_, patch, field) => {
      const before = JSON.stringify(pod);
      expect(() => strategicMergePatch(pod, patch, Pod)).toThrow(
        expect.toSatisfy(
          (error: unknown) => isBadRequest(error) && error.details.causes?.[0]?.field === field,
        ),
      );
      expect(JSON.stringify(pod)).toBe(before);
    });

    it('an original that is malformed where the patch merges', () => {
      const broken = { spec: { containers: [{ name: 'a' }, { image: 'x' }] } };
      expect(() => strategicMergePatch(broken, { spec: { containers: [{ name: 'b' }] } }, Pod)).toThrow(
        /^original\.spec\.containers\[1\]: /,
      );
      for (const original of [null, [], 'text', 1] as unknown[]) {
        expect(() => strategicMergePatch(original, {}, Pod)).toThrow(/^original: Expected an object/);
      }
    });

    it('objects in fields that the kind does not know, but not scalars', () => {
      const original = { spec: { other: { a: 1 } } };
      expect(() => strategicMergePatch(original, { spec: { other: { a: 1 } } }, Pod)).toThrow(
        /^patch\.spec\.other: /,
      );
      expect(strategicMergePatch<unknown>(original, { spec: { other: 1 } }, Pod)).toEqual({
        spec: { other: 1 },
      });
    });

    it('kinds without a merge schema', () => {
      expect(() => strategicMergePatch({}, {}, { apiVersion: 'example.com/v1', kind: 'Widget' })).toThrow(
        expect.objectContaining({ reason: 'UnsupportedMediaType', code: 415 }),
      );
    });

    it('patches that are too deep or too large', () => {
      expect(() => strategicMergePatch({}, nested(1_001), OPEN)).toThrow(expect.toSatisfy(isBadRequest));
      expect(() => strategicMergePatch({}, { a: 'x'.repeat(4 * 1024 * 1024) }, OPEN)).toThrow(
        expect.objectContaining({ reason: 'RequestEntityTooLarge' }),
      );
      expect(() => strategicMergePatch(nested(100_000), nested(1_000), OPEN)).not.toThrow();
    });
  });

  it('merges lists of 100,000 items', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
    const pod = { metadata: { finalizers: names }, spec: { containers: names.map((name) => ({ name })) } };
    const reversed = names.toReversed();
    const result = strategicMergePatch(
      pod,
      {
        metadata: {
          '$deleteFromPrimitiveList/finalizers': names.filter((_, index) => index % 2 === 0),
          '$setElementOrder/finalizers': reversed.slice(0, 50_000),
        },
      },
      Pod,
    );
    expect(result.metadata.finalizers).toHaveLength(50_000);
    const ordered = strategicMergePatch(
      pod,
      { spec: { '$setElementOrder/containers': reversed.map((name) => ({ name })) } },
      Pod,
    );
    expect(ordered.spec.containers.map(({ name }) => name)).toEqual(reversed);
    const added = strategicMergePatch(
      pod,
      {
        spec: {
          '$setElementOrder/containers': [],
          containers: reversed.map((name) => ({ name: `x${name}` })),
        },
      },
      Pod,
    );
    expect(added.spec.containers).toHaveLength(200_000);
  });

  it('does what a plain model does', () => {
    fc.assert(
      fc.property(arbitraryObject(WIDGET), arbitraryPatch(WIDGET), (original, patch) => {
        const before = canonical([original, patch]);
        let expected: string | undefined;
        try {
          const model: Model = strategicMergeModel(
            toModel(original) as Map<string, Model>,
            toModel(patch) as Map<string, Model>,
            WIDGET,
          );
          expected = textOf(model);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
        }
        deepFreeze([original, patch]);
        if (expected === undefined) {
          expect(() => strategicMergePatch(original, patch, WIDGET)).toThrow(ApiError);
        } else {
          const result = strategicMergePatch(original, patch, WIDGET);
          expect(canonical(result)).toBe(expected);
          if (expected === canonical(original)) expect(result).toBe(original);
        }
        expect(canonical([original, patch])).toBe(before);
      }),
      { numRuns: 3_000 },
    );
  });

  it('changes nothing by an empty patch', () => {
    fc.assert(
      fc.property(arbitraryObject(WIDGET), (original) => {
        expect(strategicMergePatch(deepFreeze(original), {}, WIDGET)).toBe(original);
      }),
    );
  });
});
