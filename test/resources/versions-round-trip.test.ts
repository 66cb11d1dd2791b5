import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  ApiError,
  deepFreeze,
  define,
  jsonEqual,
  type JsonObject,
  NotJsonError,
} from '../../src/core/index.js';
import {
  type AnyResource,
  checkRoundTrip,
  defineResource,
  defineVersions,
  type VersionedObject,
} from '../../src/resources/index.js';

const names = { group: 'example.com', kind: 'Widget' } as const;
const WidgetV1 = defineResource({
  ...names,
  version: 'v1',
  spec: z.object({
    size: z.string().regex(/^(0|[1-9]\d*)x(0|[1-9]\d*)$/),
    labels: z.record(z.string(), z.string()).default({}),
  }),
});
const WidgetV1beta1 = defineResource({
  ...names,
  version: 'v1beta1',
  spec: z.object({ width: z.number().int(), mode: z.string().optional() }),
});
const WidgetV2 = defineResource({
  ...names,
  version: 'v2',
  spec: z.object({
    width: z.number().int(),
    height: z.number().int(),
    color: z.string().optional(),
    tags: z.record(z.string(), z.string()).default({}),
  }),
});

const MODE = 'example.com/mode';

const Widgets = defineVersions({
  storage: WidgetV2,
  served: [
    {
      resource: WidgetV1,
      toStorage: ({ spec }, before) => {
        const [width = 0, height = 0] = spec.size.split('x').map(Number);
        return { spec: { width, height, tags: spec.labels, color: before?.spec.color } };
      },
      fromStorage: ({ spec }) => ({ spec: { size: `${spec.width}x${spec.height}`, labels: spec.tags } }),
    },
    {
      resource: WidgetV1beta1,
      toStorage: ({ spec, metadata: { annotations } }, before) => ({
        spec: { height: 0, tags: {}, ...before?.spec, width: spec.width },
        metadata: { annotations: { ...annotations, ...(spec.mode !== undefined && { [MODE]: spec.mode }) } },
      }),
      fromStorage: ({ spec, metadata }) => {
        const { [MODE]: mode, ...annotations } = metadata.annotations ?? {};
        return { spec: { width: spec.width, mode }, metadata: { annotations } };
      },
    },
  ],
});

const seed = 20_260_102;
const natural = fc.nat({ max: 100_000 });
const texts = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '')),
  fc.string(),
);
const v1 = fc.record({ size: fc.tuple(natural, natural).map(([w, h]) => `${w}x${h}`), labels: texts });
const v1beta1 = fc.record({ width: fc.integer(), mode: fc.string() }, { requiredKeys: ['width'] });
const v2 = fc.record(
  { width: natural, height: natural, color: fc.string(), tags: texts },
  { requiredKeys: ['width', 'height'] },
);
const annotations = fc.dictionary(fc.constantFrom('a', 'example.com/b', MODE), fc.string());

function failure(call: () => unknown): ApiError {
  try {
    call();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('checkRoundTrip', () => {
  it('finds nothing wrong with conversions that lose nothing', () => {
    fc.assert(
      fc.property(v1, v1beta1, v2, annotations, (first, beta, second, notes) => {
        const stored = { metadata: { name: 'a', annotations: notes }, spec: second };
        checkRoundTrip(Widgets, WidgetV2, stored);
        checkRoundTrip(Widgets, WidgetV1, { metadata: {}, spec: first });
        checkRoundTrip(Widgets, WidgetV1, { metadata: {}, spec: first }, stored);
        checkRoundTrip(Widgets, WidgetV1beta1, { metadata: {}, spec: beta });
        checkRoundTrip(Widgets, WidgetV1beta1, { metadata: {}, spec: beta }, stored);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('gives defaults first, and takes whole objects', () => {
    expect(() => checkRoundTrip(Widgets, WidgetV1, { metadata: {}, spec: { size: '1x2' } })).not.toThrow();
    const whole = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: {
        name: 'a',
        namespace: 'b',
        uid: 'u',
        resourceVersion: '3',
        creationTimestamp: '2026-01-02T03:04:05Z',
      },
      spec: { size: '1x2', labels: {} },
    } as const;
    expect(() => checkRoundTrip(Widgets, WidgetV1, whole)).not.toThrow();
    expect(Object.isFrozen(whole.spec)).toBe(false);
  });

  it('refuses what is invalid, no JSON, or not of the version', () => {
    const spec = { size: '1x2' };
    const invalid = failure(() => checkRoundTrip(Widgets, WidgetV1, { metadata: {}, spec: { size: 'x' } }));
    expect([invalid.reason, invalid.details.causes?.[0]?.field]).toEqual(['Invalid', 'spec.size']);
    expect(() => checkRoundTrip(Widgets, WidgetV1, { metadata: {}, spec: { size: 1n as never } })).toThrow(
      NotJsonError,
    );
    expect(() =>
      checkRoundTrip(Widgets, WidgetV1, { apiVersion: 'example.com/v2' as never, metadata: {}, spec }),
    ).toThrow(
      new TypeError('checkRoundTrip: object.apiVersion: expected "example.com/v1", got "example.com/v2"'),
    );
    const foreign = defineResource({ ...names, version: 'v9' });
    expect(() => checkRoundTrip(Widgets, foreign as never, { metadata: {} } as never)).toThrow(
      new TypeError('checkRoundTrip: resource: expected one of the versions, got Widget in example.com/v9'),
    );
    const stored = { metadata: {}, spec: { width: 1, height: 1 } };
    expect(() => checkRoundTrip(Widgets, WidgetV2, stored, stored)).toThrow(TypeError);
  });

  it('tells which version would lose something of a stored object', () => {
    const careless = defineVersions({
      storage: WidgetV2,
      served: [
        {
          resource: WidgetV1beta1,
          toStorage: ({ spec }) => ({ spec: { width: spec.width, height: 0, tags: {} } }),
          fromStorage: ({ spec }) => ({ spec: { width: spec.width } }),
        },
      ],
    });
    const object = { metadata: {}, spec: { width: 1, height: 2, color: 'red' } };
    const { reason, message } = failure(() => checkRoundTrip(careless, WidgetV2, object));
    expect(reason).toBe('InternalError');
    expect(message).toContain('from example.com/v1beta1 to example.com/v2');
    expect(message).toContain('spec.height: 2 -> 0; - spec.color: "red"');
    const lost = failure(() =>
      checkRoundTrip(careless, WidgetV1beta1, { metadata: {}, spec: { width: 1, mode: 'm' } }),
    );
    expect(lost.message).toContain('would not be read back: - spec.mode: "m"');
  });

  it('tells where a field that an old client removed would come back', () => {
    const sticky = defineVersions({
      storage: WidgetV2,
      served: [
        {
          resource: WidgetV1beta1,
          toStorage: ({ spec }, before) => ({
            spec: {
              height: 0,
              tags: {},
              ...before?.spec,
              width: spec.width,
              color: spec.mode ?? before?.spec.color,
            },
          }),
          fromStorage: ({ spec }) => ({ spec: { width: spec.width, mode: spec.color } }),
        },
      ],
    });
    const before = { metadata: {}, spec: { width: 1, height: 2, color: 'red' } };
    expect(() =>
      checkRoundTrip(sticky, WidgetV1beta1, { metadata: {}, spec: { width: 1, mode: 'red' } }, before),
    ).not.toThrow();
    expect(
      failure(() => checkRoundTrip(sticky, WidgetV1beta1, { metadata: {}, spec: { width: 1 } }, before))
        .message,
    ).toContain('would not be read back: + spec.mode: "red"');
  });
});

describe('a conversion of any JSON', () => {
  const plain = (version: string): AnyResource =>
    defineResource<{ metadata: object }>({ ...names, version }) as AnyResource;
  const json = fc.jsonValue({ depthSize: 'small', noUnicodeString: false }) as fc.Arbitrary<unknown>;
  const fields = fc.dictionary(
    fc
      .oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'spec', 'toString', 'status'))
      .filter((key) => !['apiVersion', 'kind', 'metadata'].includes(key)),
    json,
  );
  const objectOf = (version: string, own: JsonObject): VersionedObject => {
    const object: Record<string, unknown> = {
      apiVersion: `example.com/${version}`,
      kind: 'Widget',
      metadata: { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-02T03:04:05Z' },
    };
    // what is -0 is 0 in JSON
    for (const key of Object.keys(own)) define(object, key, JSON.parse(JSON.stringify(own[key])));
    return deepFreeze(object) as unknown as VersionedObject;
  };
  /** Turns every top-level field into one whose name is longer, and back. */
  const rename = (object: VersionedObject, name: (key: string) => string): JsonObject => {
    const renamed: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      if (!['apiVersion', 'kind', 'metadata'].includes(key)) define(renamed, name(key), object[key]);
    }
    return renamed;
  };
  const longer = (object: VersionedObject): JsonObject => rename(object, (key) => `x${key}`);
  const shorter = (object: VersionedObject): JsonObject => rename(object, (key) => key.slice(1));

  const renaming = defineVersions({
    storage: plain('v2'),
    served: [{ resource: plain('v1'), toStorage: longer, fromStorage: shorter }],
  });
  const [conversion] = renaming.conversions;

  it('goes there and back, deeply frozen, whatever the names and values', () => {
    fc.assert(
      fc.property(fields, (own) => {
        const object = objectOf('v1', own);
        const stored = conversion?.toStorage(object) as VersionedObject;
        const back = conversion?.fromStorage(stored) as VersionedObject;
        expect(isDeeplyFrozen(stored) && isDeeplyFrozen(back)).toBe(true);
        expect(jsonEqual(back, object)).toBe(true);
        expect(stored.metadata).toBe(object.metadata);
        expect(conversion?.fromStorage(stored)).toBe(back);
        // with what is stored at hand, nothing is made anew
        const again = conversion?.toStorage(back, stored) as VersionedObject;
        for (const key of Object.keys(stored)) expect(again[key]).toBe(stored[key]);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('is found out whenever it drops or changes a part that is there', () => {
    fc.assert(
      fc.property(fields, fc.nat(), fc.boolean(), (own, pick, drops) => {
        const object = objectOf('v1', own);
        const keys = Object.keys(longer(object));
        fc.pre(keys.length > 0);
        const victim = keys[pick % keys.length] as string;
        const spoil = (given: VersionedObject): JsonObject => {
          const made: Record<string, unknown> = {};
          for (const [key, value] of Object.entries(longer(given))) {
            if (key !== victim) define(made, key, value);
            else if (!drops) define(made, key, [value]);
          }
          return made;
        };
        const lossy = defineVersions({
          storage: plain('v2'),
          served: [{ resource: plain('v1'), toStorage: spoil, fromStorage: shorter }],
        });
        const [bad] = lossy.conversions;
        const refused = failure(() => bad?.toStorage(object));
        expect([refused.reason, refused.message.includes('would not be read back')]).toEqual([
          'InternalError',
          true,
        ]);
        const stored = conversion?.toStorage(object) as VersionedObject;
        expect(failure(() => bad?.checkWriteBack(stored)).message).toContain(
          'would change what it does not mean to',
        );
      }),
      { seed, numRuns: 300 },
    );
  });
});

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
