import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ApiError, deepFreeze } from '../../src/core/index.js';
import {
  type AnyResource,
  type Conversion,
  defineResource,
  defineVersions,
  metadataOnly,
  type ObjectOf,
  Scheme,
  type Versions,
  type VersionedObject,
} from '../../src/resources/index.js';
import { Deployment, SubjectAccessReview } from '../../src/resources/kinds/index.js';

const names = { group: 'example.com', kind: 'Widget' } as const;
const status = z.object({ ready: z.boolean() });
const WidgetV1 = defineResource({
  ...names,
  version: 'v1',
  spec: z.object({ size: z.string(), tags: z.array(z.string()).optional() }),
  status,
});
const WidgetV2 = defineResource({
  ...names,
  version: 'v2',
  spec: z.object({
    width: z.number().max(100),
    height: z.number(),
    color: z.string().optional(),
    tags: z.array(z.string()).optional(),
  }),
  status,
});
type WidgetV1 = ObjectOf<typeof WidgetV1>;
type WidgetV2 = ObjectOf<typeof WidgetV2>;

const LEGACY = 'example.com/legacy';

const Widgets = defineVersions({
  storage: WidgetV2,
  served: [
    {
      resource: WidgetV1,
      toStorage: ({ spec, status: state }, before) => {
        const [width = 0, height = 0] = spec.size.split('x').map(Number);
        return {
          spec: { width, height, color: before?.spec.color, ...(spec.tags && { tags: spec.tags }) },
          status: state,
        };
      },
      fromStorage: ({ spec, status: state }) => ({
        spec: { size: `${spec.width}x${spec.height}`, ...(spec.tags && { tags: spec.tags }) },
        status: state,
      }),
    },
  ],
});

const metadata = {
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '7',
  generation: 2,
  creationTimestamp: '2026-01-02T03:04:05Z',
  labels: { app: 'web' },
  annotations: { 'example.com/note': 'n' },
  finalizers: ['example.com/hold'],
};

function v1(spec: WidgetV1['spec'], more: object = {}): VersionedObject {
  return deepFreeze({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: structuredClone(metadata),
    spec,
    ...more,
  });
}

function v2(spec: WidgetV2['spec'], more: object = {}): VersionedObject {
  return deepFreeze({
    apiVersion: 'example.com/v2',
    kind: 'Widget',
    metadata: structuredClone(metadata),
    spec,
    ...more,
  });
}

function only(versions: Versions): Conversion {
  const [conversion] = versions.conversions;
  if (conversion === undefined) throw new Error('expected a conversion');
  return conversion;
}

/** The conversion of functions that may be wrong. */
function wrong(functions: {
  toStorage?: (object: VersionedObject, before?: VersionedObject) => unknown;
  fromStorage?: (object: VersionedObject) => unknown;
}): Conversion {
  const plain = { ...names, status: true } as const;
  return only(
    defineVersions({
      storage: defineResource<{ metadata: object }>({ ...plain, version: 'v2' }) as AnyResource,
      served: [
        {
          resource: defineResource<{ metadata: object }>({ ...plain, version: 'v1' }) as AnyResource,
          toStorage: (functions.toStorage ?? ((object: unknown) => object)) as never,
          fromStorage: (functions.fromStorage ?? ((object: unknown) => object)) as never,
        },
      ],
    }),
  );
}

function failure(call: () => unknown): ApiError {
  try {
    call();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('defineVersions', () => {
  it('makes one frozen value of all versions, that of the storage first', () => {
    expect(Widgets.storage).toBe(WidgetV2);
    expect(Widgets.resources).toEqual([WidgetV2, WidgetV1]);
    expect(only(Widgets)).toMatchObject({ resource: WidgetV1, storage: WidgetV2 });
    for (const value of [Widgets, Widgets.resources, Widgets.conversions, ...Widgets.conversions])
      expect(Object.isFrozen(value)).toBe(true);
  });

  it('takes a kind with one version, and versions that differ in what is theirs', () => {
    expect(defineVersions({ storage: WidgetV2, served: [] }).resources).toEqual([WidgetV2]);
    const other = defineResource({
      ...names,
      version: 'v3',
      status,
      selectableFields: ['spec.a'],
      scale: { specReplicas: 'spec.n', statusReplicas: 'status.n' },
    });
    const same = { toStorage: () => ({ spec: { width: 1, height: 1 } }), fromStorage: () => ({}) };
    expect(
      defineVersions({ storage: WidgetV2, served: [{ resource: other, ...same }] }).resources,
    ).toHaveLength(2);
  });

  const base = { ...names, version: 'v1', status: true } as const;
  const plain = (options: object): AnyResource =>
    defineResource<{ metadata: object }>({ ...base, ...options }) as AnyResource;
  it.each<[string, AnyResource, string]>([
    ['group', plain({ group: 'other.com' }), 'expected "example.com" as in example.com/v2, got "other.com"'],
    ['kind', plain({ kind: 'Gadget' }), 'expected "Widget" as in example.com/v2, got "Gadget"'],
    ['plural', plain({ plural: 'widgetz' }), 'expected "widgets" as in example.com/v2, got "widgetz"'],
    ['scope', plain({ scope: 'Cluster' }), 'expected "Namespaced" as in example.com/v2, got "Cluster"'],
    ['hasStatus', plain({ status: undefined }), 'expected true as in example.com/v2, got false'],
    ['version', plain({ version: 'v2' }), 'expected each version once, got "v2"'],
    [
      'ttl',
      plain({ ttl: 1000 }),
      'expected none, or that of example.com/v2, by which the store goes, got 1000',
    ],
  ])('refuses another %s', (field, resource, message) => {
    expect(() =>
      defineVersions({
        storage: WidgetV2,
        served: [{ resource, toStorage: (object) => object, fromStorage: (object) => object }],
      }),
    ).toThrow(new TypeError(`defineVersions: served[0].resource.${field}: ${message}`));
  });

  it('refuses a version that occurs twice among the served ones', () => {
    const resource = plain({});
    const served = { resource, toStorage: (o: unknown) => o, fromStorage: (o: unknown) => o } as never;
    expect(() => defineVersions({ storage: WidgetV2, served: [served, served] })).toThrow(
      'defineVersions: served[1].resource.version: expected each version once, got "v1"',
    );
  });

  it('refuses what is no resource, a projection, a kind that is never stored, and what is no function', () => {
    const define = (storage: unknown, served: readonly unknown[] = []): unknown =>
      defineVersions({ storage, served } as never);
    expect(() => define('Widget')).toThrow(
      /storage: expected a resource, as defineResource makes, got "Widget"/,
    );
    expect(() => define(metadataOnly(WidgetV2))).toThrow(/storage: expected a whole resource, got/);
    expect(() => define(SubjectAccessReview)).toThrow(
      /storage: expected a resource whose objects are stored/,
    );
    expect(() => define(WidgetV2, [{ resource: null }])).toThrow(
      /served\[0\].resource: expected a resource, as defineResource makes, got null/,
    );
    expect(() => define(WidgetV2, [{ resource: WidgetV1 }])).toThrow(
      /served\[0\].toStorage: expected a function, got undefined/,
    );
    expect(() => define(WidgetV2, [{ resource: WidgetV1, toStorage: () => ({}) }])).toThrow(
      /served\[0\].fromStorage: expected a function, got undefined/,
    );
    expect(() => define(Deployment, [{ resource: WidgetV1 }])).toThrow(/served\[0\].resource.group/);
  });
});

describe('a conversion', () => {
  it('shows a stored object in another version, with the same metadata', () => {
    const stored = v2({ width: 2, height: 3, color: 'red', tags: ['t'] }, { status: { ready: true } });
    const shown = only(Widgets).fromStorage(stored);
    expect(shown).toEqual({ ...v1({ size: '2x3', tags: ['t'] }), status: { ready: true } });
    expect(shown.metadata).toBe(stored.metadata);
    expect(Object.keys(shown)).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  });

  it('answers the same object for the same object, and asks its author once', () => {
    let calls = 0;
    const conversion = wrong({
      fromStorage: (object) => {
        calls += 1;
        return object;
      },
    });
    const stored = v2({ width: 2, height: 3 });
    expect(conversion.fromStorage(stored)).toBe(conversion.fromStorage(stored));
    expect(calls).toBe(1);
    expect(conversion.fromStorage(v2({ width: 2, height: 3 }))).not.toBe(conversion.fromStorage(stored));
    expect(calls).toBe(2);
  });

  it('freezes a copy of what its author makes, and shares the parts that stayed', () => {
    const made = { spec: { size: '2x3', tags: ['t'] }, status: { ready: true } };
    const conversion = wrong({ fromStorage: () => made });
    const stored = v2({ width: 2, height: 3, tags: ['t'] }, { status: { ready: true } });
    const shown = conversion.fromStorage(stored) as unknown as WidgetV1;
    expect(Object.isFrozen(made) || Object.isFrozen(made.spec)).toBe(false);
    made.spec.tags.push('later');
    expect(shown.spec).toEqual({ size: '2x3', tags: ['t'] });
    expect(Object.isFrozen(shown) && Object.isFrozen(shown.spec) && Object.isFrozen(shown.spec.tags)).toBe(
      true,
    );
    expect(shown.spec.tags).toBe((stored['spec'] as WidgetV2['spec']).tags);
    expect(shown.status).toBe(stored['status']);
  });

  it('shares with the stored object what a write left as it was', () => {
    const before = v2({ width: 2, height: 3, color: 'red', tags: ['t'] }, { status: { ready: true } });
    const written = v1({ size: '5x3', tags: ['t'] }, { status: { ready: true } });
    const stored = only(Widgets).toStorage(written, before) as unknown as WidgetV2;
    expect(stored.spec).toEqual({ width: 5, height: 3, color: 'red', tags: ['t'] });
    expect(stored.spec.tags).toBe((before['spec'] as WidgetV2['spec']).tags);
    expect(stored.status).toBe(before['status']);
    expect(stored.metadata).toBe(written.metadata);
    expect(stored.apiVersion).toBe('example.com/v2');
  });

  it('keeps what only the storage version says when an old client writes', () => {
    const conversion = only(Widgets);
    expect(
      conversion.toStorage(v1({ size: '1x1' }), v2({ width: 9, height: 9, color: 'red' }))['spec'],
    ).toEqual({
      width: 1,
      height: 1,
      color: 'red',
    });
    expect(conversion.toStorage(v1({ size: '1x1' }))['spec']).toEqual({ width: 1, height: 1 });
  });

  it('takes an object that was spread, and one that is handed on as it is', () => {
    const conversion = wrong({});
    const stored = v2({ width: 1, height: 2 });
    expect(conversion.fromStorage(stored)).toEqual({ ...stored, apiVersion: 'example.com/v1' });
    const spread = wrong({ fromStorage: (object) => ({ ...object, spec: { size: 's' } }) });
    expect(spread.fromStorage(stored)).toEqual(v1({ size: 's' }));
    expect(
      wrong({ fromStorage: () => ({ apiVersion: 'example.com/v1', kind: 'Widget' }) }).fromStorage(stored),
    ).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata,
    });
  });

  it('changes labels and annotations alone, each map as a whole', () => {
    const shown = (made: object): object =>
      wrong({ fromStorage: () => ({ metadata: made }) }).fromStorage(v2({ width: 1, height: 1 })).metadata;
    const { labels: _, annotations: __, ...rest } = metadata;
    expect(shown({ labels: { tier: 'x' } })).toEqual({ ...metadata, labels: { tier: 'x' } });
    expect(shown({ annotations: {} })).toEqual({ ...rest, labels: metadata.labels });
    expect(shown({ labels: {}, annotations: {} })).toEqual(rest);
    expect(shown({ labels: undefined })).toEqual(metadata);
    expect(shown({ ...structuredClone(metadata), labels: { b: 'c' } })).toEqual({
      ...metadata,
      labels: { b: 'c' },
    });
    const stored = v2({ width: 1, height: 1 });
    const equal = wrong({ fromStorage: () => ({ metadata: structuredClone(metadata) }) });
    expect(equal.fromStorage(stored).metadata).toBe(stored.metadata);
    const tagged = wrong({ fromStorage: () => ({ metadata: { labels: { b: 'c' } } }) }).fromStorage(stored);
    expect(Object.isFrozen(tagged.metadata) && Object.isFrozen(tagged.metadata.labels)).toBe(true);
    expect(tagged.metadata.annotations).toBe(stored.metadata.annotations);
  });

  it('takes what only an old version can say to an annotation and back', () => {
    const conversion = wrong({
      toStorage: ({ metadata: own, legacy, ...rest }) => ({
        ...rest,
        metadata: { annotations: { ...own.annotations, ...(legacy !== undefined && { [LEGACY]: legacy }) } },
      }),
      fromStorage: ({ metadata: own, ...rest }) => {
        const { [LEGACY]: legacy, ...annotations } = own.annotations ?? {};
        return { ...rest, metadata: { annotations }, legacy };
      },
    });
    const written = v1({ size: 's' }, { legacy: 'old' });
    const stored = conversion.toStorage(written);
    expect(stored.metadata.annotations).toEqual({ ...metadata.annotations, [LEGACY]: 'old' });
    expect(stored['legacy']).toBeUndefined();
    expect(conversion.fromStorage(stored)).toEqual(written);
    expect(() => conversion.checkWriteBack(stored)).not.toThrow();
  });

  it('keeps keys that every object inherits, as the data that they are', () => {
    const data: unknown = JSON.parse('{"__proto__": {"a": 1}, "constructor": "c"}');
    const stored = deepFreeze({
      ...v2({ width: 1, height: 1 }),
      ...(JSON.parse('{"__proto__": {"b": 2}}') as object),
      data,
    });
    const conversion = wrong({ fromStorage: (object) => ({ ...object }) });
    const shown = conversion.fromStorage(stored);
    expect(Object.keys(shown)).toContain('__proto__');
    expect(JSON.stringify(shown['data'])).toBe(JSON.stringify(data));
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    expect(() => conversion.checkWriteBack(stored)).not.toThrow();
    expect(() => conversion.toStorage(shown, stored)).not.toThrow();
  });

  it('refuses to begin with what is no frozen object of the version', () => {
    const conversion = only(Widgets);
    const stored = v2({ width: 1, height: 1 });
    expect(() => conversion.fromStorage({ ...stored })).toThrow(
      new TypeError('Expected a frozen Widget in example.com/v2, got one that is not frozen'),
    );
    expect(() => conversion.fromStorage(v1({ size: 's' }))).toThrow(
      new TypeError('Expected a frozen Widget in example.com/v2, got "example.com/v1"'),
    );
    expect(() => conversion.toStorage(stored)).toThrow(
      new TypeError('Expected a frozen Widget in example.com/v1, got "example.com/v2"'),
    );
  });

  const prefix =
    'Internal error occurred: the conversion of Widget "default/a" from example.com/v2 to example.com/v1: ';
  it.each<[string, () => unknown, string, string | undefined]>([
    ['a promise', async () => ({}), 'expected an object, got a Promise', undefined],
    ['a list', () => [], 'expected an object, got []', undefined],
    ['nothing', () => undefined, 'expected an object, got undefined', undefined],
    [
      'a field that is no JSON',
      () => ({ spec: { at: [new Date(0)] } }),
      'spec.at[0]: Invalid value: a Date: expected JSON',
      'spec.at[0]',
    ],
    [
      'a number that is none',
      () => ({ spec: { width: Number.NaN } }),
      'spec.width: Invalid value: NaN: expected a finite number',
      'spec.width',
    ],
    [
      'another name',
      () => ({ metadata: { name: 'b' } }),
      'metadata.name: Forbidden: "b": all versions share it, but for labels and annotations',
      'metadata.name',
    ],
    [
      'metadata that is new',
      () => ({ metadata: { finalizers: ['a/b'] } }),
      'metadata.finalizers: Forbidden: an array of 1: all versions share it, but for labels and annotations',
      'metadata.finalizers',
    ],
    [
      'metadata that are no object',
      () => ({ metadata: null }),
      'metadata: Invalid value: null: expected an object with labels and annotations',
      'metadata',
    ],
    [
      'a label with a wrong value',
      () => ({ metadata: { labels: { a: 'no blanks' } } }),
      'metadata.labels[a]: Invalid value: "no blanks":',
      'metadata.labels[a]',
    ],
    [
      'annotations that are no map',
      () => ({ metadata: { annotations: 'x' } }),
      'metadata.annotations: Invalid value: "x"',
      'metadata.annotations',
    ],
    [
      'an annotation that is no text',
      () => ({ metadata: { annotations: { a: 1 } } }),
      'metadata.annotations[a]: Invalid value: 1',
      'metadata.annotations[a]',
    ],
    [
      'another apiVersion',
      () => ({ apiVersion: 'example.com/v3' }),
      'apiVersion: Invalid value: "example.com/v3": expected "example.com/v1", or none',
      'apiVersion',
    ],
    [
      'another kind',
      () => ({ kind: 'Gadget' }),
      'kind: Invalid value: "Gadget": expected "Widget", or none',
      'kind',
    ],
  ])(
    'refuses a function that makes %s, naming the kind, both versions and the field',
    (_, make, problem, field) => {
      const error = failure(() => wrong({ fromStorage: make }).fromStorage(v2({ width: 1, height: 1 })));
      expect([error.reason, error.code]).toEqual(['InternalError', 500]);
      expect(error.message.slice(0, prefix.length + problem.length)).toBe(prefix + problem);
      expect(error.details).toMatchObject({ name: 'a', group: 'example.com', kind: 'widgets' });
      expect(error.details.causes?.[0]?.field).toBe(field);
    },
  );

  it('tells of an error that a function throws, with its cause, and passes on an ApiError', () => {
    const cause = new RangeError('boom');
    const thrower = wrong({
      fromStorage: () => {
        throw cause;
      },
    });
    const error = failure(() => thrower.fromStorage(v2({ width: 1, height: 1 })));
    expect(error.message).toBe(`${prefix}it threw RangeError: boom`);
    expect(error.cause).toBe(cause);
    const getter = wrong({
      fromStorage: () =>
        Object.defineProperty({}, 'spec', {
          enumerable: true,
          get: () => {
            throw 'text';
          },
        }),
    });
    expect(failure(() => getter.fromStorage(v2({ width: 1, height: 1 }))).message).toBe(
      `${prefix}it threw "text"`,
    );
    const refusal = ApiError.badRequest('too big', 'spec.size');
    const refuser = wrong({
      toStorage: () => {
        throw refusal;
      },
    });
    expect(failure(() => refuser.toStorage(v1({ size: 's' })))).toBe(refusal);
  });

  it('gives functions nothing that they could change', () => {
    const conversion = wrong({
      fromStorage: (object) => {
        (object['spec'] as { width: number }).width = 3;
        return object;
      },
    });
    expect(failure(() => conversion.fromStorage(v2({ width: 1, height: 1 }))).message).toContain(
      'it threw TypeError',
    );
  });

  it('remembers no failure', () => {
    let fails = true;
    const conversion = wrong({
      fromStorage: (object) => {
        if (fails) throw new Error('once');
        return object;
      },
    });
    const stored = v2({ width: 1, height: 1 });
    expect(failure(() => conversion.fromStorage(stored)).message).toContain('once');
    fails = false;
    expect(conversion.fromStorage(stored).apiVersion).toBe('example.com/v1');
  });
});

describe('a write in another version', () => {
  it('is Invalid where the storage version does not take it, with the fields of that version', () => {
    const error = failure(() => only(Widgets).toStorage(v1({ size: '500x1' })));
    expect(error.reason).toBe('Invalid');
    expect(error.message).toMatch(
      /^Widget.example.com "a" is invalid: spec.width: .* \(in example.com\/v2, as which it would be stored\)$/,
    );
    expect(error.details.causes?.map(({ field }) => field)).toEqual(['spec.width']);
  });

  it('is refused where it would not be read back as it was written', () => {
    const error = failure(() => only(Widgets).toStorage(v1({ size: '02x3' })));
    expect([error.reason, error.message]).toEqual([
      'InternalError',
      'Internal error occurred: the conversion of Widget "default/a" from example.com/v1 to example.com/v2: what was written would not be read back: spec.size: "02x3" -> "2x3"',
    ]);
  });

  it('is refused where the storage version would prune what it was made', () => {
    const storage = defineResource({ ...names, version: 'v2', spec: z.object({ a: z.number() }) });
    const resource = defineResource({
      ...names,
      version: 'v1',
      spec: z.object({ a: z.number(), b: z.number().optional() }),
    });
    const conversion = only(
      defineVersions({
        storage,
        served: [{ resource, toStorage: ({ spec }) => ({ spec }), fromStorage: ({ spec }) => ({ spec }) }],
      }),
    );
    const written = (spec: object): VersionedObject => deepFreeze({ ...v1(spec as never) });
    expect(conversion.toStorage(written({ a: 1 }))['spec']).toEqual({ a: 1 });
    expect(failure(() => conversion.toStorage(written({ a: 1, b: 2 }))).message).toContain(
      'would not be read back: - spec.b: 2',
    );
  });

  it('gets the defaults of the storage version', () => {
    const storage = defineResource({ ...names, version: 'v2', spec: z.object({ a: z.number().default(4) }) });
    const resource = defineResource({ ...names, version: 'v1', spec: z.object({}) });
    const conversion = only(
      defineVersions({
        storage,
        served: [{ resource, toStorage: () => ({ spec: {} }) as never, fromStorage: () => ({ spec: {} }) }],
      }),
    );
    const stored = conversion.toStorage(v1({} as never));
    expect(stored['spec']).toEqual({ a: 4 });
    expect(Object.isFrozen(stored) && Object.isFrozen(stored['spec'])).toBe(true);
  });

  it('is refused where toStorage does not keep what the version does not show', () => {
    const forgetful = only(
      defineVersions({
        storage: WidgetV2,
        served: [
          {
            resource: WidgetV1,
            toStorage: ({ spec }) => ({ spec: { width: Number(spec.size), height: 1 } }),
            fromStorage: ({ spec }) => ({ spec: { size: String(spec.width) } }),
          },
        ],
      }),
    );
    const written = v1({ size: '2' });
    expect(forgetful.toStorage(written, v2({ width: 1, height: 1 }))['spec']).toEqual({
      width: 2,
      height: 1,
    });
    expect(
      failure(() => forgetful.toStorage(written, v2({ width: 1, height: 1, color: 'red' }))).message,
    ).toBe(
      'Internal error occurred: the conversion of Widget "default/a" from example.com/v1 to example.com/v2: an update in example.com/v1 would change what it does not mean to, as toStorage does not keep it from its second argument: - spec.color: "red"',
    );
    expect(failure(() => forgetful.checkWriteBack(v2({ width: 1, height: 7 }))).message).toContain(
      'spec.height: 7 -> 1',
    );
    expect(
      failure(() => forgetful.checkWriteBack(v2({ width: 1, height: 1 }, { status: { ready: true } })))
        .message,
    ).toContain('- status: {"ready":true}');
  });

  it('is refused where its own schema would drop what toStorage needs', () => {
    const storage = defineResource({
      ...names,
      version: 'v2',
      spec: z.object({ a: z.number(), b: z.number() }),
    });
    const resource = defineResource({ ...names, version: 'v1', spec: z.object({ a: z.number() }) });
    const conversion = only(
      defineVersions({
        storage,
        served: [
          {
            resource,
            toStorage: ({ spec }) => ({ spec: { b: 0, ...spec } }),
            fromStorage: ({ spec }) => ({ spec }),
          },
        ],
      }),
    );
    const stored = (b: number): VersionedObject => deepFreeze({ ...v2({ a: 1, b } as never) });
    expect(failure(() => conversion.checkWriteBack(stored(2))).message).toContain('spec.b: 2 -> 0');
    expect(() => conversion.checkWriteBack(stored(0))).not.toThrow();
  });

  it('takes what it shows as it is where its own schema refuses it: nobody can write that back', () => {
    const loose = z.looseObject({});
    const storage = defineResource({ ...names, version: 'v2', spec: loose, fields: { data: loose } });
    const resource = defineResource({
      ...names,
      version: 'v1',
      spec: z.object({ a: z.number().max(1) }),
      fields: { data: z.object({}) },
    });
    const conversion = only(
      defineVersions({
        storage,
        served: [{ resource, toStorage: (object) => object, fromStorage: (object) => object as never }],
      }),
    );
    const stored = (a: number): VersionedObject => deepFreeze({ ...v2({ a } as never), data: { b: 1 } });
    expect(() => conversion.checkWriteBack(stored(2))).not.toThrow();
    expect(failure(() => conversion.checkWriteBack(stored(1))).message).toContain('- data.b: 1');
  });

  it('is refused where it loses a key that every object inherits', () => {
    const data: unknown = JSON.parse('{"__proto__": {}}');
    const conversion = wrong({ toStorage: (object) => ({ ...object, data: {} }) });
    expect(failure(() => conversion.checkWriteBack(v2({ width: 1, height: 1 }, { data }))).message).toContain(
      '- data.__proto__: {}',
    );
  });

  it('may add something to what is stored, as a default of its version', () => {
    const conversion = wrong({
      toStorage: (object) => ({ ...object, extra: true }),
      fromStorage: ({ extra: _, ...object }) => object,
    });
    const stored = v2({ width: 1, height: 1, tags: ['a'] });
    expect(() => conversion.checkWriteBack(stored)).not.toThrow();
    expect(conversion.toStorage(conversion.fromStorage(stored), stored)['extra']).toBe(true);
    const longer = wrong({
      toStorage: (object) => ({ ...object, spec: { width: 1, height: 1, tags: ['a', 'b'] } }),
    });
    expect(failure(() => longer.checkWriteBack(stored)).message).toContain('+ spec.tags[1]: "b"');
  });

  it('tells of few differences, those first that take something away', () => {
    const conversion = wrong({
      toStorage: () => ({
        data: { n1: 1, n2: 2, n3: 3, n4: 4, n5: 5, n6: 6 },
        spec: { width: 2, height: 1 },
      }),
    });
    expect(
      failure(() => conversion.checkWriteBack(v2({ width: 1, height: 1 }, { data: {} }))).message,
    ).toMatch(
      /second argument: spec.width: 1 -> 2; \+ data.n1: 1; \+ data.n2: 2; \+ data.n3: 3; \+ data.n4: 4; and 2 more$/,
    );
  });

  it('does not blame a version for what the storage version itself drops by now', () => {
    const stored = v2({ width: 1, height: 1, gone: 'x' } as never);
    expect(() => only(Widgets).checkWriteBack(stored)).not.toThrow();
  });
});

describe('a Scheme with versions', () => {
  it('finds every version, and knows which belong together', () => {
    const scheme = new Scheme([Deployment, Widgets]);
    expect(scheme.resources).toEqual([Deployment, WidgetV2, WidgetV1]);
    expect(scheme.versions).toEqual([Widgets]);
    expect(scheme.lookup({ apiVersion: 'example.com/v1', kind: 'Widget' })).toBe(WidgetV1);
    expect(scheme.lookup({ apiVersion: 'example.com/v2', kind: 'Widget' })).toBe(WidgetV2);
    expect(scheme.lookup({ group: 'example.com', version: 'v1', plural: 'widgets' })).toBe(WidgetV1);
    expect(scheme.lookup({ group: 'example.com', plural: 'widgets' })).toBe(WidgetV2);
  });

  it('takes the same versions, and one of them, more than once', () => {
    const scheme = new Scheme([WidgetV1, Widgets, Widgets]);
    expect(scheme.resources).toEqual([WidgetV1, WidgetV2]);
    expect(scheme.with(Widgets, WidgetV2).versions).toEqual([Widgets]);
    expect(new Scheme([Deployment]).with(Widgets).versions).toEqual([Widgets]);
  });

  it('refuses a version beside them that would show other objects', () => {
    const v3 = defineResource({ ...names, version: 'v3', status });
    expect(() => new Scheme([Widgets, v3])).toThrow(
      new TypeError(
        'Scheme: expected one defineVersions with every version of Widget in "example.com", got example.com/v3 Widget (widgets) beside those stored as example.com/v2',
      ),
    );
    expect(() => new Scheme([Widgets]).with(v3)).toThrow(TypeError);
    const other = defineVersions({ storage: WidgetV2, served: [] });
    expect(() => new Scheme([Widgets, other])).toThrow(/got .* beside those stored as example.com\/v2/);
    const turned = defineVersions({
      storage: WidgetV1,
      served: [
        {
          resource: WidgetV2,
          toStorage: () => ({ spec: { size: '' } }),
          fromStorage: () => ({ spec: { width: 1, height: 1 } }),
        },
      ],
    });
    expect(() => new Scheme([Widgets, turned])).toThrow(
      /got those of another beside those stored as example.com\/v2/,
    );
  });
});
