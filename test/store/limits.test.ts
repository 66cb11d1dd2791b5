import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import type { Client, Patch } from '../../src/client/index.js';
import { edit, type JsonObject } from '../../src/core/index.js';
import { defineResource, defineVersions } from '../../src/resources/index.js';
import { ConfigMap, Namespace, Pod } from '../../src/resources/kinds/index.js';
import { type AdmissionPlugin, type Limits, ObjectStore } from '../../src/store/index.js';
import { at, failure, fieldsOf, Note, setUp, Website, website } from './kit.js';

const DEFAULT_SIZE = 1_572_864;

/** How many bytes an object takes, as the limit counts them. */
function sizeOf(object: JsonObject): number {
  const { metadata } = object as { metadata: JsonObject };
  return Buffer.byteLength(JSON.stringify({ ...object, metadata: { ...metadata, resourceVersion: '' } }));
}

/** A Note that takes exactly so many bytes, given what one with an empty text takes. */
async function noteOf(client: Client, size: number, unit = 'x'): Promise<Parameters<Client['create']>[1]> {
  const metadata = at('sized');
  const empty = await client.create(Note, { metadata, text: '' }, { dryRun: true });
  const left = size - sizeOf(empty);
  const bytes = Buffer.byteLength(JSON.stringify(unit)) - 2;
  const text = unit.repeat(Math.floor(left / bytes)) + 'x'.repeat(left % bytes);
  return { metadata, text } as never;
}

describe('the limits of a store', () => {
  it('are checked when it is made', () => {
    const wrong: readonly [keyof Limits, unknown][] = [
      ['objectSize', 0],
      ['objectSize', 1_023],
      ['objectSize', 3 * 1024 * 1024 + 1],
      ['objectSize', Number.POSITIVE_INFINITY],
      ['requestSize', 3 * 1024 * 1024 + 1],
      ['requestSize', '1Mi'],
      ['annotationsSize', -1],
      ['annotationsSize', 262_145],
      ['depth', 15],
      ['depth', 1_001],
      ['depth', 20.5],
      ['patchOperations', 0],
      ['patchOperations', 10_001],
      ['patchOperations', null],
    ];
    for (const [limit, value] of wrong) {
      const make = (): unknown => new ObjectStore({ resources: [], limits: { [limit]: value } });
      expect(make).toThrow(RangeError);
      expect(make).toThrow(`ObjectStore: limits.${limit}: expected a whole number from`);
    }
    expect(() => new ObjectStore({ resources: [], limits: 5 as never })).toThrow(TypeError);
    expect(() => new ObjectStore({ resources: [], limits: { depth: undefined } as never })).not.toThrow();
  });

  it('leave room for what the store itself writes', async () => {
    const least = {
      objectSize: 1_024,
      requestSize: 1_024,
      annotationsSize: 0,
      depth: 16,
      patchOperations: 1,
    };
    const { client, store } = setUp({ limits: least }, Namespace);
    expect((await client.list(Namespace)).items).toHaveLength(2);
    await client.create(Namespace, { metadata: { name: 'mine' } });
    await client.create(Website, website('a', {}, { namespace: 'mine' }));
    await client.delete(Namespace, { name: 'mine' });
    await store.idle();
    expect((await client.list(Namespace)).items).toHaveLength(2);
  });
});

describe('objectSize', () => {
  it.each(['x', '€', '\u0000', '"', '\ud800', '😀'])('is counted in bytes of JSON: %j', async (unit) => {
    const { client } = setUp();
    const fits = await noteOf(client, DEFAULT_SIZE, unit);
    const created = await client.create(Note, fits as never);
    expect(sizeOf(created)).toBe(DEFAULT_SIZE);
    await client.delete(Note, at('sized'));
    const tooLarge = await noteOf(client, DEFAULT_SIZE + 1, unit);
    const error = await failure(client.create(Note, tooLarge as never), 'RequestEntityTooLarge');
    expect(error.message).toBe(
      `Note "sized": expected at most ${DEFAULT_SIZE} bytes as JSON, got ${DEFAULT_SIZE + 1}`,
    );
    expect(error.code).toBe(413);
    expect(error.details).toMatchObject({ group: 'example.com', kind: 'notes', name: 'sized' });
  });

  it('counts numbers, keys and labels too', async () => {
    const { client } = setUp({ limits: { objectSize: 30_000 } });
    const parts: readonly JsonObject[] = [
      { numbers: Array(1_300).fill(-1.234_567_890_123_456e-100) },
      { [`k${'x'.repeat(30_000)}`]: 1 },
      Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`k${index}`, 0])),
      { text: 'x'.repeat(30_000) },
    ];
    for (const part of parts) {
      await failure(client.create(Note, { metadata: at('a'), ...part }), 'RequestEntityTooLarge');
      await failure(client.create(Note, { metadata: at('a'), spec: part }), 'RequestEntityTooLarge');
    }
    const labels = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`k${index}`, 'x'.repeat(60)]),
    );
    await failure(client.create(Note, { metadata: { ...at('a'), labels } }), 'RequestEntityTooLarge');
    const annotations = { a: 'x'.repeat(30_000) };
    await failure(client.create(Note, { metadata: { ...at('a'), annotations } }), 'RequestEntityTooLarge');
  });

  it.each([
    ['labels', Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(60)]))],
    ['annotations', { a: 'x'.repeat(5_000) }],
    ['finalizers', Array.from({ length: 100 }, (_, index) => `example.com/${'x'.repeat(50)}${index}`)],
    [
      'ownerReferences',
      [{ apiVersion: 'v1', kind: 'Note', name: 'x'.repeat(2_500), uid: 'x'.repeat(2_500) }],
    ],
  ])('counts the %s that an update brings', async (field, value) => {
    const { client } = setUp({ limits: { objectSize: 4_096 } });
    await client.create(Note, { metadata: at('a'), text: 'x' });
    const note = await client.get(Note, at('a'));
    const metadata = { ...note.metadata, [field]: value };
    await failure(client.update(Note, { ...note, metadata }), 'RequestEntityTooLarge');
    expect(await client.get(Note, at('a'))).toBe(note);
  });

  describe('is checked whatever the verb', () => {
    const LIMIT = 10_000;
    const HALF = 'x'.repeat(6_000);
    const MOST = { limits: { objectSize: LIMIT } };

    async function refuses(
      change: (client: Client, store: ObjectStore) => Promise<unknown>,
      admission?: Omit<AdmissionPlugin, 'name'>,
    ): Promise<void> {
      const plugin = { name: 'plugin', handles: () => isReady, ...admission };
      let isReady = false;
      const { client, store } = setUp(
        { ...MOST, admission: admission === undefined ? [] : [plugin] },
        ConfigMap,
      );
      await client.create(Note, { metadata: at('there'), a: HALF });
      await client.apply(ConfigMap, { metadata: at('there'), data: { a: HALF } });
      await client.create(Website, website('there', { image: HALF }));
      isReady = true;
      const before = [await client.list(Note), await client.list(ConfigMap), await client.list(Website)];
      const error = await failure(change(client, store), 'RequestEntityTooLarge');
      expect(error.message).toContain(`expected at most ${LIMIT} bytes as JSON`);
      const after = [await client.list(Note), await client.list(ConfigMap), await client.list(Website)];
      expect(after).toEqual(before);
    }

    it('update', () =>
      refuses(async (client) => {
        const note = await client.get(Note, at('there'));
        return client.update(Note, { ...note, b: HALF });
      }));

    it('a dry run', () =>
      refuses(async (client) => {
        const note = await client.get(Note, at('there'));
        return client.update(Note, { ...note, b: HALF }, { dryRun: true });
      }));

    it('an update of the status, which counts all of the object', () =>
      refuses(async (client) => {
        const site = await client.get(Website, at('there'));
        const status = { readyReplicas: 1, phase: HALF };
        return client.update(Website, { ...site, status }, { subresource: 'status' });
      }));

    it('the subresource status', () =>
      refuses(async (client) => {
        const site = await client.get(Website, at('there'));
        return client.subresource(Website, at('there'), 'status', { ...site, status: { phase: HALF } });
      }));

    const patches: readonly Patch[] = [
      { type: 'merge', patch: { b: HALF } },
      { type: 'strategic', patch: { b: HALF } },
      { type: 'json', patch: [{ op: 'add', path: '/b', value: HALF }] },
      { type: 'json', patch: [{ op: 'copy', from: '/a', path: '/b' }] },
    ];
    it.each(patches)('the $type patch %#', (patch) =>
      refuses((client) => client.patch(Note, at('there'), patch)),
    );

    it('apply', () =>
      refuses((client) =>
        client.apply(ConfigMap, { metadata: at('there'), data: { b: HALF } }, { fieldManager: 'other' }),
      ));

    it('apply of something new', () =>
      refuses((client) => client.apply(ConfigMap, { metadata: at('new'), data: { a: HALF, b: HALF } })));

    it('the record of who set what', () =>
      refuses((client) => {
        const data = Object.fromEntries(
          Array.from({ length: 300 }, (_, index) => [`key-${index}`, '0123456789']),
        );
        return client.apply(ConfigMap, { metadata: at('new'), data });
      }));

    it('a transaction, of which nothing happens', () =>
      refuses((_, store) =>
        store.transaction(async (tx) => {
          await tx.create(Note, { metadata: at('new'), a: HALF });
          const note = await tx.get(Note, at('there'));
          await tx.update(Note, { ...note, b: HALF });
        }),
      ));

    it('what admission makes of it', () =>
      refuses((client) => client.create(Note, { metadata: at('new') }), {
        mutate: ({ object }) =>
          object?.metadata.name === 'new' ? { ...object, a: HALF, b: HALF } : undefined,
      }));

    it('what admission makes of an update', () =>
      refuses((client) => client.patch(Note, at('there'), { type: 'merge', patch: { b: 1 } }), {
        mutate: ({ object, operation }) =>
          operation === 'UPDATE' && object !== undefined ? { ...object, c: HALF } : undefined,
      }));

    it('what admission writes beside it', () =>
      refuses((client) => client.create(Note, { metadata: at('new') }), {
        accompany: (_, store) => {
          store.create(ConfigMap, { metadata: at('beside'), data: { a: HALF, b: HALF } });
        },
      }));

    it('the status that admission writes beside the rest', () =>
      refuses((client) => client.create(Website, website('new', { image: HALF })), {
        accompany: ({ object, key }, store) => {
          if (key.name !== 'new') return;
          const site = object as unknown as Website;
          store.update(
            Website,
            { ...site, status: { readyReplicas: 1, phase: HALF } },
            { subresource: 'status' },
          );
        },
      }));
  });

  it('counts what is stored of another version', async () => {
    const names = { group: 'example.com', kind: 'Widget' };
    const WidgetV1 = defineResource({ ...names, version: 'v1', spec: z.object({ size: z.number() }) });
    const WidgetV2 = defineResource({ ...names, version: 'v2', spec: z.object({ text: z.string() }) });
    const Widgets = defineVersions({
      storage: WidgetV2,
      served: [
        {
          resource: WidgetV1,
          toStorage: ({ spec }) => ({ spec: { text: 'x'.repeat(spec.size) } }),
          fromStorage: ({ spec }) => ({ spec: { size: spec.text.length } }),
        },
      ],
    });
    const store = new ObjectStore({ resources: [Widgets], limits: { objectSize: 5_000 } });
    const client = store.client();
    const small = await client.create(WidgetV1, { metadata: at('a'), spec: { size: 1_000 } });
    await failure(
      client.create(WidgetV1, { metadata: at('b'), spec: { size: 6_000 } }),
      'RequestEntityTooLarge',
    );
    const grown = edit(small, (draft) => {
      draft.spec.size = 6_000;
    });
    await failure(client.update(WidgetV1, grown), 'RequestEntityTooLarge');
    await store.close();
  });

  it('is no reason to keep an object that is to go', async () => {
    const { client, store } = setUp();
    const note = (await noteOf(client, DEFAULT_SIZE - 40)) as never as { metadata: object; text: string };
    const finalizers = ['example.com/a', 'b'];
    const text = note.text.slice(finalizers.join('').length);
    await client.create(Note, { metadata: { ...at('sized'), finalizers }, text });
    const { object, deleted } = await client.delete(Note, at('sized'));
    expect(deleted).toBe(false);
    expect(sizeOf(object)).toBeGreaterThan(DEFAULT_SIZE);
    // it may lose what it has, and must not grow
    const patch = (left: readonly string[], more: object = {}): Promise<unknown> =>
      client.patch(Note, at('sized'), { type: 'merge', patch: { metadata: { finalizers: left }, ...more } });
    await failure(patch(['example.com/a', 'b'], { more: 1 }), 'RequestEntityTooLarge');
    await patch(['b']);
    await patch([]);
    await failure(client.get(Note, at('sized')), 'NotFound');
    await store.close();
  });

  it('finds what many small updates add up to', async () => {
    const { client } = setUp({ limits: { objectSize: 20_000 } });
    let note = await client.create(Note, {
      metadata: at('a'),
      kept: { list: ['x'.repeat(2_000)] },
      data: {},
    });
    const grow = async (): Promise<void> => {
      for (let count = 0; count < 1_000; count += 1) {
        const data = { ...(note['data'] as object), [`k${count}`]: 'x'.repeat(100) };
        note = await client.update(Note, { ...note, data });
      }
    };
    await failure(grow(), 'RequestEntityTooLarge');
    expect(sizeOf(note)).toBeLessThanOrEqual(20_000);
    expect(sizeOf(note)).toBeGreaterThan(20_000 - 120);
    await client.update(Note, { ...note, data: {} });
  });
});

describe('requestSize', () => {
  const SIZE = 5_000;

  it('counts everything that is sent', async () => {
    const { client } = setUp({ limits: { requestSize: SIZE } });
    const text = 'x'.repeat(3_000);
    await client.create(Note, { metadata: at('a'), a: text });
    const error = await failure(
      client.create(Note, { metadata: at('b'), a: text, b: text }),
      'RequestEntityTooLarge',
    );
    expect(error.message).toBe(`b: Too long: expected at most ${SIZE} characters`);
    expect(fieldsOf(error)).toEqual(['b']);
    const annotations = { a: text };
    await failure(
      client.create(Note, { metadata: { ...at('b'), annotations }, a: text }),
      'RequestEntityTooLarge',
    );
    const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 1]));
    await failure(client.create(Note, { metadata: at('b'), ...fields }), 'RequestEntityTooLarge');
    await failure(client.apply(Note, { metadata: at('b'), a: text, b: text }), 'RequestEntityTooLarge');
  });

  it('lets an object grow by requests that are smaller', async () => {
    const { client } = setUp({ limits: { requestSize: SIZE } });
    const text = 'x'.repeat(3_000);
    let note = await client.create(Note, { metadata: at('a'), a: [text] });
    note = await client.update(Note, { ...note, b: [text] });
    note = await client.patch(Note, at('a'), { type: 'merge', patch: { c: [text] } });
    await client.patch(Note, at('a'), { type: 'json', patch: [{ op: 'move', from: '/a', path: '/d' }] });
    note = await client.get(Note, at('a'));
    expect(Object.keys(note).toSorted()).toEqual(['apiVersion', 'b', 'c', 'd', 'kind', 'metadata']);
    await failure(client.update(Note, { ...note, e: text, f: text }), 'RequestEntityTooLarge');
    const patches: readonly Patch[] = [
      { type: 'merge', patch: { e: text, f: text } },
      { type: 'strategic', patch: { e: text, f: text } },
      { type: 'json', patch: ['/e', '/f'].map((path) => ({ op: 'add', path, value: text })) },
    ];
    for (const patch of patches) {
      const error = await failure(client.patch(Note, at('a'), patch), 'RequestEntityTooLarge');
      expect(fieldsOf(error)).toEqual(['patch']);
    }
    expect(await client.get(Note, at('a'))).toBe(note);
  });
});

it('annotationsSize is Invalid, and counts bytes', async () => {
  const { client } = setUp({ limits: { annotationsSize: 100 } });
  await client.create(Note, { metadata: { ...at('a'), annotations: { a: 'x'.repeat(99) } } });
  for (const value of ['x'.repeat(100), '€'.repeat(34)]) {
    const metadata = { ...at('b'), annotations: { a: value } };
    const error = await failure(client.create(Note, { metadata }), 'Invalid');
    expect(fieldsOf(error)).toEqual(['metadata.annotations']);
    expect(error.message).toContain('expected at most 100');
  }
});

it('depth is Invalid in an object, and BadRequest in a patch', async () => {
  const { client } = setUp({ limits: { depth: 20 } }, Pod);
  let value: unknown = 'core';
  for (let level = 0; level < 20; level += 1) value = [value];
  await client.create(Note, { metadata: at('a'), value });
  await failure(client.create(Note, { metadata: at('b'), value: [value] }), 'Invalid');
  const note = await client.get(Note, at('a'));
  await failure(client.update(Note, { ...note, value: [value] }), 'Invalid');
  await failure(client.patch(Note, at('a'), { type: 'merge', patch: { value: [value] } }), 'BadRequest');
  await failure(client.apply(Note, { metadata: at('b'), value: [value] }), 'BadRequest');
  const moved = [
    { op: 'add', path: '/other', value: { in: { in: 1 } } },
    { op: 'move', from: '/value', path: '/other/in/in' },
  ] as const;
  await failure(client.patch(Note, at('a'), { type: 'json', patch: moved }), 'Invalid');
  expect(await client.get(Note, at('a'))).toBe(note);
});

it('patchOperations are those of a JSON patch', async () => {
  const { client } = setUp({ limits: { patchOperations: 2 } });
  await client.create(Note, { metadata: at('a'), value: 1 });
  const patch = (count: number): Patch => ({
    type: 'json',
    patch: Array.from({ length: count }, () => ({ op: 'replace', path: '/value', value: count })),
  });
  expect((await client.patch(Note, at('a'), patch(2)))['value']).toBe(2);
  const error = await failure(client.patch(Note, at('a'), patch(3)), 'RequestEntityTooLarge');
  expect(error.message).toBe('patch: expected at most 2 operations, got 3');
});
