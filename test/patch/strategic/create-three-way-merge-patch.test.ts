import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ApiError,
  deepFreeze,
  isBadRequest,
  isConflict,
  type JsonObject,
  jsonEqual,
} from '../../../src/core/index.js';
import {
  createThreeWayMergePatch,
  createTwoWayMergePatch,
  type SchemaSource,
  strategicMergePatch,
  type ThreeWayMerge,
} from '../../../src/patch/index.js';
import { Deployment, Pod, Role } from '../../../src/resources/kinds/index.js';
import { arbitraryObject } from '../arbitrary-object.js';
import { canonical } from '../json-model.js';
import { WIDGET } from './widget.js';

/** The fields of the conflict; undefined where there is none. */
function conflictsIn(
  merge: ThreeWayMerge,
  schema: SchemaSource,
): readonly (string | undefined)[] | undefined {
  try {
    createThreeWayMergePatch(merge, schema);
    return undefined;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return error.details.causes?.map(({ field }) => field);
  }
}

describe('createThreeWayMergePatch', () => {
  it('sets what differs, deletes what the writer gave up, and leaves alone what others set', () => {
    const template = (containers: readonly object[]): object => ({
      spec: { template: { spec: { containers } } },
    });
    const merge = {
      original: template([{ name: 'web', image: 'a:1', args: ['1'] }, { name: 'old' }]),
      modified: template([{ name: 'web', image: 'a:2' }]),
      current: template([
        { name: 'injected' },
        { name: 'web', image: 'a:1', args: ['1'], tty: true },
        { name: 'old' },
      ]),
    };
    const patch = createThreeWayMergePatch(merge, Deployment);
    expect(patch).toEqual({
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'a:2', args: null },
              { name: 'old', $patch: 'delete' },
            ],
            '$setElementOrder/containers': [{ name: 'web' }],
          },
        },
      },
    });
    expect(strategicMergePatch<unknown>(merge.current, patch, Deployment)).toEqual(
      template([{ name: 'injected' }, { name: 'web', image: 'a:2', tty: true }]),
    );
    expect(Object.isFrozen(patch)).toBe(true);
  });

  it('deletes nothing the first time, when there is no original', () => {
    const modified = { spec: { replicas: 1 } };
    expect(createThreeWayMergePatch({ modified, current: { spec: { paused: true } } }, Deployment)).toEqual(
      modified,
    );
    expect(
      createThreeWayMergePatch({ original: undefined, modified, current: modified }, Deployment),
    ).toEqual({});
  });

  it('conflicts where both sides changed a field, naming each, unless it overwrites', () => {
    const object = (
      replicas: number,
      image: string,
      label: string,
      finalizers: readonly string[],
    ): object => ({
      metadata: { labels: { a: label }, finalizers },
      spec: { replicas, template: { spec: { containers: [{ name: 'web', image }] } } },
    });
    const merge = {
      original: object(1, 'a:1', 'x', ['f', 'g']),
      modified: object(2, 'a:2', 'y', ['f']),
      current: object(3, 'a:3', 'y', ['g']),
    };
    expect(conflictsIn(merge, Deployment)?.toSorted()).toEqual([
      'metadata.finalizers',
      'spec.replicas',
      'spec.template.spec.containers[name="web"].image',
    ]);
    const patch = createThreeWayMergePatch({ ...merge, overwrite: true }, Deployment);
    expect(strategicMergePatch<unknown>(merge.current, patch, Deployment)).toEqual(
      object(2, 'a:2', 'y', ['f']),
    );
  });

  it.each<[string, object, object, object, readonly string[] | undefined]>([
    ['one changed what the other deleted', { nodeName: 'a' }, {}, { nodeName: 'b' }, ['spec.nodeName']],
    [
      'one replaced by a scalar what the other changed',
      { securityContext: { fsGroup: 1 } },
      { securityContext: 'x' },
      { securityContext: { fsGroup: 2 } },
      ['spec.securityContext'],
    ],
    [
      'one deleted an item that the other changed',
      { containers: [{ name: 'a', image: 'x' }] },
      { containers: [] },
      { containers: [{ name: 'a', image: 'y' }] },
      ['spec.containers[name="a"]'],
    ],
    [
      'both deleted the same item',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ name: 'b' }] },
      { containers: [{ name: 'b' }] },
      undefined,
    ],
    [
      'they changed different fields of an item',
      { containers: [{ name: 'a', image: 'x', tty: true }] },
      { containers: [{ name: 'a', image: 'y', tty: true }] },
      { containers: [{ name: 'a', image: 'x', tty: false }] },
      ['spec.containers[name="a"].tty'],
    ],
    [
      'they changed a list to different lengths',
      { tolerations: [] },
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }, { key: 'c' }] },
      ['spec.tolerations'],
    ],
    [
      'they changed an item of a list that is replaced',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }] },
      { tolerations: [{ key: 'c' }] },
      ['spec.tolerations[0].key'],
    ],
  ])('conflict or not: %s', (_, original, modified, current, fields) => {
    const merge = { original: { spec: original }, modified: { spec: modified }, current: { spec: current } };
    expect(conflictsIn(deepFreeze(merge), Pod)).toEqual(fields);
  });

  it('takes lists of the same scalars for the same change, whatever their order', () => {
    const role = (verbs: readonly string[]): object => ({ rules: [{ verbs }] });
    expect(
      conflictsIn(
        { original: role(['get']), modified: role(['list', 'get']), current: role(['get', 'list']) },
        Role,
      ),
    ).toBe(undefined);
    expect(
      conflictsIn({ original: role(['get']), modified: role(['list']), current: role(['watch']) }, Role),
    ).toEqual(['rules[0].verbs']);
  });

  it('asks the preconditions about the patch, even where it overwrites', () => {
    const merge = { modified: { kind: 'B' }, current: { kind: 'A' }, overwrite: true };
    expect(() =>
      createThreeWayMergePatch({ ...merge, preconditions: [(patch) => patch['kind'] === undefined] }, Pod),
    ).toThrow(expect.toSatisfy(isConflict));
  });

  it('refuses what is no object, naming the input', () => {
    for (const field of ['original', 'modified', 'current']) {
      const inputs = { original: {}, modified: {}, current: {}, [field]: [] };
      expect(() => createThreeWayMergePatch(inputs, Pod)).toThrow(
        expect.toSatisfy((error: unknown) => isBadRequest(error) && error.message.startsWith(`${field}: `)),
      );
    }
  });

  it('treats keys that every object inherits as data', () => {
    const parse = (labels: string): object =>
      deepFreeze(JSON.parse(`{"metadata":{"labels":${labels}}}`) as object);
    const merge = {
      original: parse('{"__proto__":"a","constructor":"b"}'),
      modified: parse('{"__proto__":"c"}'),
      current: parse('{"__proto__":"a","constructor":"b","toString":"x"}'),
    };
    expect(canonical(createThreeWayMergePatch(merge, Pod))).toBe(
      '{"metadata":{"labels":{"__proto__":"c","constructor":null}}}',
    );
  });

  it('compares lists of 100,000 items', () => {
    const containers = Array.from({ length: 100_000 }, (_, index) => ({ name: `n${index}` }));
    const original = { spec: { containers } };
    const modified = { spec: { containers: containers.slice(0, 50_000) } };
    const current = { spec: { containers: [...containers, { name: 'injected' }] } };
    const patch = createThreeWayMergePatch({ original, modified, current }, Pod);
    const result = strategicMergePatch(current, patch, Pod);
    expect(result.spec.containers).toHaveLength(50_001);
  });

  const object = arbitraryObject(WIDGET);

  it('leads to an object that is left alone by the same patch made anew', () => {
    fc.assert(
      fc.property(object, object, object, (original, modified, current) => {
        const before = canonical([original, modified, current]);
        deepFreeze([original, modified, current]);
        const patch = createThreeWayMergePatch({ original, modified, current, overwrite: true }, WIDGET);
        const result = strategicMergePatch(current, patch, WIDGET);
        // as upstream, the directives of an item stay in it as data where its whole list is new
        fc.pre(!canonical(result).includes('$'));
        const again = createThreeWayMergePatch(
          { original: modified, modified, current: result, overwrite: true },
          WIDGET,
        );
        expect(strategicMergePatch(result, again, WIDGET)).toBe(result);
        expect(canonical([original, modified, current])).toBe(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never touches what neither side changed, nor what only others have', () => {
    fc.assert(
      fc.property(object, object, object, (original, modified, current) => {
        deepFreeze([original, modified, current]);
        const patch = createThreeWayMergePatch({ original, modified, current, overwrite: true }, WIDGET);
        const result = strategicMergePatch(current, patch, WIDGET);
        for (const name of Object.keys(current)) {
          const isForeign = original[name] === undefined && modified[name] === undefined;
          const isUnchanged =
            jsonEqual(original[name], current[name]) && jsonEqual(modified[name], current[name]);
          if (isForeign || isUnchanged) expect(result[name]).toBe(current[name]);
        }
        const labels = (widget: JsonObject): JsonObject => (widget['labels'] ?? {}) as JsonObject;
        for (const key of Object.keys(labels(current))) {
          if (Object.hasOwn(labels(original), key) || Object.hasOwn(labels(modified), key)) continue;
          if (original['labels'] !== undefined && modified['labels'] === undefined) continue;
          expect(Object.hasOwn(labels(result), key)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the two-way patch in its effect where nobody else wrote, and then never conflicts', () => {
    fc.assert(
      fc.property(object, object, (original, modified) => {
        const patch = createThreeWayMergePatch({ original, modified, current: original }, WIDGET);
        const result = strategicMergePatch(original, patch, WIDGET);
        const expected = strategicMergePatch(
          original,
          createTwoWayMergePatch(original, modified, WIDGET),
          WIDGET,
        );
        expect(canonical(result)).toBe(canonical(expected));
      }),
      { numRuns: 1_000 },
    );
  });

  it('either conflicts, naming fields, or gives what it gives when it overwrites', () => {
    fc.assert(
      fc.property(object, object, object, (original, modified, current) => {
        const merge = { original, modified, current };
        const forced = createThreeWayMergePatch({ ...merge, overwrite: true }, WIDGET);
        try {
          expect(canonical(createThreeWayMergePatch(merge, WIDGET))).toBe(canonical(forced));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          expect(isConflict(error) && error.details.causes?.every(({ field }) => field !== undefined)).toBe(
            true,
          );
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
