import { describe, expect, it } from 'vitest';
import { type ApiError, isNotFound } from '../../src/core/index.js';
import {
  type AnyResource,
  defineResource,
  defineVersions,
  metadataOnly,
  Scheme,
} from '../../src/resources/index.js';
import {
  builtinKinds,
  builtinScheme,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
} from '../../src/resources/kinds/index.js';

interface Thing {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

function thing(group: string, version: string, kind = 'Thing', plural?: string): AnyResource {
  return defineResource<Thing>({ group, version, kind, ...(plural === undefined ? {} : { plural }) });
}

function failure(call: () => unknown): ApiError {
  try {
    call();
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('expected a failure');
}

const v1 = thing('example.com', 'v1');
const v1beta1 = thing('example.com', 'v1beta1');
const v1beta2 = thing('example.com', 'v1beta2');
const v2alpha1 = thing('example.com', 'v2alpha1');
const core = thing('', 'v1');

describe('Scheme', () => {
  it('finds a resource by apiVersion and kind', () => {
    const scheme = new Scheme([v1, v1beta1, core]);
    expect(scheme.lookup({ apiVersion: 'example.com/v1beta1', kind: 'Thing' })).toBe(v1beta1);
    expect(scheme.lookup({ apiVersion: 'v1', kind: 'Thing' })).toBe(core);
    expect(scheme.has({ apiVersion: 'example.com/v1', kind: 'Thing' })).toBe(true);
  });

  it('finds the resource of a resource', () => {
    expect(new Scheme([v1, core]).lookup(core)).toBe(core);
  });

  it('finds a resource by group, version and plural', () => {
    const scheme = new Scheme([v1, v1beta1, core]);
    expect(scheme.lookup({ group: 'example.com', version: 'v1beta1', plural: 'things' })).toBe(v1beta1);
    expect(scheme.lookup({ group: '', version: 'v1', plural: 'things' })).toBe(core);
    expect(scheme.lookup({ group: '', plural: 'things' })).toBe(core);
  });

  it('takes the version that Kubernetes prefers where a look-up does not say which, whatever their order', () => {
    const other = thing('example.com', 'foo');
    const ten = thing('example.com', 'v10');
    const ascending = [other, v2alpha1, v1beta1, v1beta2, v1, ten];
    for (let count = 1; count <= ascending.length; count += 1) {
      const some = ascending.slice(0, count);
      const reference = { group: 'example.com', plural: 'things' };
      expect(new Scheme(some).lookup(reference)).toBe(some.at(-1));
      expect(new Scheme(some.toReversed()).lookup(reference)).toBe(some.at(-1));
    }
  });

  it('answers undefined from find and false from has for what is not there', () => {
    const scheme = new Scheme([v1]);
    for (const reference of [
      { apiVersion: 'example.com/v2', kind: 'Thing' },
      { apiVersion: 'example.com/v1', kind: 'constructor' },
      { group: 'example.com', plural: '__proto__' },
      { group: '', plural: 'things' },
      { group: 'example.com', version: 'v2', plural: 'things' },
    ]) {
      expect(scheme.find(reference)).toBeUndefined();
      expect(scheme.has(reference)).toBe(false);
    }
  });

  it('throws NotFound from lookup, naming what was asked for', () => {
    const scheme = new Scheme([v1]);
    const byKind = failure(() => scheme.lookup({ apiVersion: 'example.com/v2', kind: 'Thing' }));
    expect(isNotFound(byKind)).toBe(true);
    expect(byKind.message).toBe('no matches for kind "Thing" in version "example.com/v2"');
    expect(failure(() => scheme.lookup({ group: 'a.b', version: 'v1', plural: 'xs' })).message).toBe(
      'no matches for resource "xs" in version "a.b/v1"',
    );
    expect(failure(() => scheme.lookup({ group: 'a.b', plural: 'xs' })).message).toBe(
      'no matches for resource "xs" in group "a.b"',
    );
  });

  it('takes the identical resource twice as one', () => {
    expect(new Scheme([v1, core, v1]).resources).toEqual([v1, core]);
  });

  it('refuses two different resources with the same apiVersion and kind', () => {
    const other = thing('example.com', 'v1', 'Thing', 'others');
    expect(() => new Scheme([v1, other])).toThrow(
      new TypeError(
        'Scheme: expected one resource an apiVersion and kind, got two: example.com/v1 Thing (things) and example.com/v1 Thing (others)',
      ),
    );
  });

  it('refuses two different resources with the same apiVersion and plural', () => {
    const other = thing('example.com', 'v1', 'Other', 'things');
    expect(() => new Scheme([v1, other])).toThrow(
      /apiVersion and plural.*example.com\/v1 Thing \(things\).*example.com\/v1 Other \(things\)/,
    );
  });

  it('makes another scheme when resources are added, and stays as it is', () => {
    const scheme = new Scheme([v1]);
    const more = scheme.with(core, v1);
    expect(more.resources).toEqual([v1, core]);
    expect(scheme.resources).toEqual([v1]);
    expect(scheme.has(core)).toBe(false);
    expect(() => scheme.with(thing('example.com', 'v1'))).toThrow(TypeError);
    expect(Object.isFrozen(scheme) && Object.isFrozen(scheme.resources)).toBe(true);
  });
});

describe('a Scheme with both versions of HorizontalPodAutoscaler', () => {
  const both = [HorizontalPodAutoscalerV1, HorizontalPodAutoscaler];

  it('knows that they show the same objects', () => {
    const [versions, ...others] = builtinScheme.versions;
    expect(others).toEqual([]);
    expect(versions?.storage).toBe(HorizontalPodAutoscaler);
    expect(versions?.resources).toEqual([HorizontalPodAutoscaler, HorizontalPodAutoscalerV1]);
    const scheme = new Scheme(both);
    expect(scheme.versions).toEqual([versions]);
    expect(scheme.versions[0]).toBe(versions);
    expect(scheme.resources).toEqual(both);
    expect(Object.isFrozen(scheme.versions)).toBe(true);
    expect(scheme.lookup({ group: 'autoscaling', plural: 'horizontalpodautoscalers' })).toBe(
      HorizontalPodAutoscaler,
    );
  });

  it('knows it once the second is added, and as long as there is no third', () => {
    expect(new Scheme([HorizontalPodAutoscaler]).versions).toEqual([]);
    const alone = new Scheme([HorizontalPodAutoscalerV1]);
    expect(alone.versions).toEqual([]);
    expect(alone.with(HorizontalPodAutoscaler).versions).toEqual(builtinScheme.versions);
    const { group, kind } = HorizontalPodAutoscaler;
    const beta = defineResource({ group, version: 'v2beta2', kind });
    const more = builtinScheme.with(beta);
    expect(more.versions).toEqual([]);
    expect(more.lookup({ apiVersion: 'autoscaling/v2beta2', kind })).toBe(beta);
    const projection = new Scheme([metadataOnly(HorizontalPodAutoscalerV1), HorizontalPodAutoscaler]);
    expect(projection.versions).toEqual([]);
  });

  it('goes by what somebody else declares', () => {
    const own = defineVersions({
      storage: HorizontalPodAutoscaler,
      served: [
        {
          resource: HorizontalPodAutoscalerV1,
          toStorage: ({ spec: { scaleTargetRef, maxReplicas } }) => ({
            spec: { scaleTargetRef, maxReplicas },
          }),
          fromStorage: ({ spec: { scaleTargetRef, maxReplicas } }) => ({
            spec: { scaleTargetRef, maxReplicas },
          }),
        },
      ],
    });
    expect(new Scheme([...builtinKinds, own]).versions).toEqual([own]);
    expect(builtinScheme.with(own).versions).toEqual([own]);
  });
});
