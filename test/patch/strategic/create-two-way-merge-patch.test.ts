import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest, isConflict } from '../../../src/core/index.js';
import { createTwoWayMergePatch, type MergeSchema, strategicMergePatch } from '../../../src/patch/index.js';
import { Deployment, Pod, PodDisruptionBudget } from '../../../src/resources/kinds/index.js';
import { arbitraryObject } from '../arbitrary-object.js';
import { canonical } from '../json-model.js';
import { WIDGET } from './widget.js';

const OPEN: MergeSchema = { fields: {}, open: true };

function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
}

describe('createTwoWayMergePatch', () => {
  it.each<[string, object, object, object]>([
    [
      'sets what is new or changed, and deletes what is gone',
      { nodeName: 'a', hostname: 'b' },
      { nodeName: 'c', subdomain: 'd' },
      { nodeName: 'c', subdomain: 'd', hostname: null },
    ],
    [
      'changes, adds and deletes items, and says the order',
      { containers: [{ name: 'a', image: 'x', tty: true }, { name: 'b' }, { name: 'c' }] },
      { containers: [{ name: 'n' }, { name: 'c' }, { name: 'a', image: 'y' }] },
      {
        containers: [{ name: 'n' }, { name: 'a', image: 'y', tty: null }, { name: 'b', $patch: 'delete' }],
        '$setElementOrder/containers': [{ name: 'n' }, { name: 'c' }, { name: 'a' }],
      },
    ],
    [
      'says a new order',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ name: 'b' }, { name: 'a' }] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    ],
    [
      'replaces lists that do not merge',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }] },
      { tolerations: [{ key: 'b' }] },
    ],
    [
      'takes a new list whole',
      { containers: [] },
      { containers: [{ name: 'a' }] },
      { containers: [{ name: 'a' }] },
    ],
    [
      'names what is kept of a volume',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
      {
        volumes: [{ name: 'v', hostPath: { path: '/' }, emptyDir: null, $retainKeys: ['hostPath', 'name'] }],
        '$setElementOrder/volumes': [{ name: 'v' }],
      },
    ],
    [
      'takes undefined members for absent ones',
      { hostname: undefined, nodeName: 'a' },
      { nodeName: undefined, subdomain: undefined },
      { nodeName: null },
    ],
  ])('%s', (_, before, after, patch) => {
    expect(createTwoWayMergePatch({ spec: before }, { spec: after }, Pod)).toEqual({ spec: patch });
  });

  it('adds to and deletes from sets', () => {
    const patch = createTwoWayMergePatch(
      { metadata: { finalizers: ['c', 'a', 'b'] } },
      { metadata: { finalizers: ['d', 'a'] } },
      Pod,
    );
    expect(patch).toEqual({
      metadata: {
        finalizers: ['d'],
        '$deleteFromPrimitiveList/finalizers': ['b', 'c'],
        '$setElementOrder/finalizers': ['d', 'a'],
      },
    });
  });

  it('says that a set was sorted, which upstream misses', () => {
    const before = { metadata: { finalizers: ['b', 'a'] } };
    const after = { metadata: { finalizers: ['a', 'b'] } };
    const patch = createTwoWayMergePatch(before, after, Pod);
    expect(strategicMergePatch<unknown>(before, patch, Pod)).toEqual(after);
  });

  it('says what is so already only as upstream does: the order of unsorted sets, and objects that are replaced', () => {
    const equal = (object: object): readonly [object, object] => [object, structuredClone(object)];
    expect(createTwoWayMergePatch(...equal({ metadata: { finalizers: ['a', 'b'] } }), Pod)).toEqual({});
    expect(createTwoWayMergePatch(...equal({ metadata: { finalizers: ['b', 'a'] } }), Pod)).toEqual({
      metadata: { '$setElementOrder/finalizers': ['b', 'a'] },
    });
    const budget = { spec: { selector: { matchLabels: { a: 'b' } } } };
    expect(createTwoWayMergePatch(...equal(budget), PodDisruptionBudget)).toEqual(budget);
  });

  it('is empty, deeply frozen and independent of the inputs', () => {
    const original = deepFreeze({ spec: { replicas: 1 } });
    expect(createTwoWayMergePatch(original, original, Deployment)).toEqual({});
    const modified = { spec: { replicas: 1, selector: { matchLabels: { a: 'b' } } } };
    const patch = createTwoWayMergePatch(original, modified, Deployment);
    modified.spec.selector.matchLabels.a = 'c';
    expect(patch).toEqual({ spec: { selector: { matchLabels: { a: 'b' } } } });
    expect(Object.isFrozen(patch) && Object.isFrozen(patch['spec'])).toBe(true);
  });

  it('does not look at what both share', () => {
    const shared = {
      get labels(): never {
        throw new Error('looked at');
      },
    };
    expect(createTwoWayMergePatch({ metadata: shared }, { metadata: shared, kind: 'Pod' }, Pod)).toEqual({
      kind: 'Pod',
    });
  });

  it('treats keys that every object inherits as data', () => {
    const before = deepFreeze(
      JSON.parse('{"metadata":{"labels":{"__proto__":"a","constructor":"b"}}}') as object,
    );
    const after = deepFreeze(
      JSON.parse('{"metadata":{"labels":{"__proto__":"c","toString":"d"}}}') as object,
    );
    expect(canonical(createTwoWayMergePatch(before, after, Pod))).toBe(
      '{"metadata":{"labels":{"__proto__":"c","constructor":null,"toString":"d"}}}',
    );
  });

  it('asks the preconditions about the patch', () => {
    const create = (kind: string): unknown =>
      createTwoWayMergePatch({ kind: 'A' }, { kind }, Pod, {
        preconditions: [() => true, (patch) => !Object.hasOwn(patch, 'kind')],
      });
    expect(create('A')).toEqual({});
    expect(() => create('B')).toThrow(expect.toSatisfy(isConflict));
  });

  it.each<[string, object, object, RegExp]>([
    ['inputs that are no objects', [], {}, /^original: /],
    ['inputs that are no objects, the other one', {}, null as never, /^modified: /],
    [
      'items without merge key',
      { spec: { containers: [{ name: 'a' }] } },
      { spec: { containers: [{ image: 'x' }] } },
      /^modified\.spec\.containers\[0\]: /,
    ],
    [
      'items without merge key, before',
      { spec: { containers: [{}] } },
      { spec: { containers: [] } },
      /^original\.spec\.containers\[0\]: /,
    ],
    [
      'merge keys that are no scalars',
      { spec: { containers: [{ name: [] }] } },
      { spec: { containers: [] } },
      /^original\.spec\.containers\[0\]: /,
    ],
    [
      'unknown fields that differ',
      { spec: { x: { a: 1 } } },
      { spec: { x: { a: 2 } } },
      /^modified\.spec\.x: /,
    ],
    [
      'lists in other fields',
      { spec: { nodeName: [1] } },
      { spec: { nodeName: [2] } },
      /^modified\.spec\.nodeName: /,
    ],
    [
      'items of several kinds',
      { metadata: { finalizers: ['a'] } },
      { metadata: { finalizers: ['a', 1] } },
      /^modified\.metadata\.finalizers\[1\]: /,
    ],
    ['directives that are no text', { $patch: 1 }, { $patch: 1 }, /^modified\.\$patch: /],
    ['what is no JSON', {}, { spec: { nodeName: new Date(0) } }, /^modified\.spec\.nodeName: /],
  ])('refuses %s', (_, original, modified, message) => {
    expect(() => createTwoWayMergePatch(original, modified, Pod)).toThrow(
      expect.toSatisfy((error: unknown) => isBadRequest(error) && message.test(error.message)),
    );
  });

  it('refuses what is too deep, and cycles', () => {
    expect(() => createTwoWayMergePatch(nested(100_000), nested(100_001), OPEN)).toThrow(
      expect.toSatisfy(isBadRequest),
    );
    expect(() => createTwoWayMergePatch({ a: [nested(100_000)] }, { a: [nested(100_001)] }, OPEN)).toThrow(
      expect.toSatisfy(isBadRequest),
    );
    const cycle = (): object => {
      const object: { self?: object } = {};
      object.self = object;
      return object;
    };
    expect(() => createTwoWayMergePatch(cycle(), cycle(), OPEN)).toThrow(expect.toSatisfy(isBadRequest));
    expect(createTwoWayMergePatch({ x: { a: { a: 1 } } }, { x: { a: { a: 1 } } }, Pod)).toEqual({});
  });

  it('refuses a kind without a merge schema', () => {
    expect(() => createTwoWayMergePatch({}, {}, { apiVersion: 'v1', kind: 'X' })).toThrow(
      expect.objectContaining({ reason: 'UnsupportedMediaType' }),
    );
  });

  it('compares lists of 100,000 items', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
    const before = { metadata: { finalizers: names }, spec: { containers: names.map((name) => ({ name })) } };
    const after = {
      metadata: { finalizers: names.slice(1) },
      spec: { containers: before.spec.containers.slice(0, 50_000) },
    };
    expect(
      strategicMergePatch<unknown>(
        before,
        createTwoWayMergePatch({ metadata: before.metadata }, { metadata: after.metadata }, Pod),
        Pod,
      ),
    ).toEqual({ ...before, metadata: after.metadata });
    const patch = createTwoWayMergePatch({ spec: before.spec }, { spec: after.spec }, Pod);
    expect(strategicMergePatch<unknown>({ spec: before.spec }, patch, Pod)).toEqual({ spec: after.spec });
  });

  const schemas: readonly (readonly [string, MergeSchema])[] = [
    ['a widget', WIDGET],
    ['a Deployment', Deployment.mergeSchema as MergeSchema],
  ];
  it.each(schemas)('makes of the original what was modified: %s', (_, schema) => {
    const object = arbitraryObject(schema, { depth: 6 });
    fc.assert(
      fc.property(object, object, (original, modified) => {
        const before = canonical([original, modified]);
        deepFreeze([original, modified]);
        const patch = createTwoWayMergePatch(original, modified, schema);
        const result = strategicMergePatch(original, patch, schema);
        expect(canonical(result)).toBe(canonical(modified));
        expect(strategicMergePatch(result, createTwoWayMergePatch(result, modified, schema), schema)).toBe(
          result,
        );
        expect(canonical([original, modified])).toBe(before);
      }),
      { numRuns: 1_000 },
    );
  });
});
