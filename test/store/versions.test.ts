import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Watch } from '../../src/client/index.js';
import { ApiError, deepFreeze, edit, type Executor, microtaskExecutor } from '../../src/core/index.js';
import { type AnyResource, defineResource, defineVersions, metadataOnly } from '../../src/resources/index.js';
import { Kinds } from '../../src/store/kinds.js';
import type { StoredObject } from '../../src/store/stored-object.js';
import { at, expectDeeplyFrozen, failure, fieldsOf, line, lines, Note, type Setup, told } from './kit.js';
import { calls, MODE, setUpVersions, Widgets, WidgetV1, WidgetV2 } from './versioned-kit.js';

const one = { metadata: at('a'), spec: { size: '1x2' } };
const two = { metadata: at('a'), spec: { width: 1, height: 2, color: 'red' } };

/** The fields of an object without its metadata. */
function body({ metadata: _, ...fields }: { readonly metadata: unknown }): object {
  return fields;
}

describe.each(['memory', 'storage'] as const)('a kind in two versions, in %s', (where) => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await setUpVersions(where);
  });

  it('has the same objects in both, each in its own shape', async () => {
    const { client } = setup;
    const created = await client.create(WidgetV1, { ...one, spec: { size: '1x2', mode: 'm' } });
    expect(body(created)).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      spec: { size: '1x2', count: 1, mode: 'm' },
    });
    expect(created.metadata).not.toHaveProperty('annotations');
    const stored = await client.get(WidgetV2, at('a'));
    expect(body(stored)).toEqual({
      apiVersion: 'example.com/v2',
      kind: 'Widget',
      spec: { width: 1, height: 2, replicas: 1 },
    });
    expect(stored.metadata).toEqual({ ...created.metadata, annotations: { [MODE]: 'm' } });
    expect(await client.get(WidgetV1, at('a'))).toEqual(created);
    expectDeeplyFrozen(created);
    await client.create(WidgetV2, { ...two, metadata: at('b') });
    for (const resource of [WidgetV1, WidgetV2]) {
      const { items } = await client.list(resource as AnyResource);
      expect(items.map(({ apiVersion, metadata }) => [apiVersion, metadata.name])).toEqual([
        [resource.apiVersion, 'a'],
        [resource.apiVersion, 'b'],
      ]);
    }
    await failure(client.create(WidgetV1, { ...one, metadata: at('b') }), 'AlreadyExists');
  });

  it('gives names to new objects in any version, and drops their status', async () => {
    const { client } = setup;
    const status = { ready: true, count: 1 };
    const given = { metadata: { namespace: 'default', generateName: 'w-' }, spec: { size: '1x2' }, status };
    const { metadata, status: none } = await client.create(WidgetV1, given);
    expect(metadata.name).toMatch(/^w-.{5}$/);
    expect(none).toBeUndefined();
    const stored = await client.get(WidgetV2, metadata);
    expect(stored.metadata).toEqual(metadata);
    expect(stored.status).toBeUndefined();
  });

  it('keeps what a writer in another version does not know of', async () => {
    const { client } = setup;
    await client.create(WidgetV2, two);
    const old = await client.get(WidgetV1, at('a'));
    const wanted = edit(old, (draft) => {
      draft.spec.size = '3x2';
    });
    const updated = await client.update(WidgetV1, wanted);
    expect(body(updated)).toEqual(body(wanted));
    expect(updated.metadata.generation).toBe(2);
    const stored = await client.get(WidgetV2, at('a'));
    expect(stored.spec).toEqual({ width: 3, height: 2, replicas: 1, color: 'red' });
    expect(stored.metadata).toEqual(updated.metadata);
    const again = await client.update(WidgetV1, updated);
    expect(again).toEqual(updated);
    const { message } = await failure(client.update(WidgetV1, wanted), 'Conflict');
    expect(message).toContain('the object has been modified');
  });

  it('takes every type of patch in any version', async () => {
    const { client } = setup;
    await client.create(WidgetV2, two);
    const change = { metadata: { labels: { app: 'web' } }, spec: { mode: 'm' } };
    const merged = await client.patch(WidgetV1, at('a'), { type: 'merge', patch: change });
    expect(merged.spec).toEqual({ size: '1x2', count: 1, mode: 'm' });
    const operations = [
      { op: 'test', path: '/spec/size', value: '1x2' },
      { op: 'replace', path: '/spec/size', value: '5x6' },
      { op: 'remove', path: '/spec/mode' },
    ] as const;
    await client.patch(WidgetV1, at('a'), { type: 'json', patch: operations });
    const last = await client.patch(WidgetV1, at('a'), { type: 'strategic', patch: { spec: { count: 3 } } });
    expect(last.spec).toEqual({ size: '5x6', count: 3 });
    const { metadata, spec } = await client.get(WidgetV2, at('a'));
    expect(spec).toEqual({ width: 5, height: 6, replicas: 3, color: 'red' });
    expect(metadata.labels).toEqual({ app: 'web' });
    expect(metadata).not.toHaveProperty('annotations');
    expect(last.metadata).toEqual(metadata);
  });

  it('is patched by the merge rules of the version that is written', async () => {
    const ports = z.array(z.object({ port: z.number(), name: z.string() }));
    const names = { group: 'example.com', kind: 'Gate' } as const;
    const Gate = defineResource({ ...names, version: 'v2', spec: z.object({ doors: ports }) });
    const OldGate = defineResource({
      ...names,
      version: 'v1',
      spec: z.object({ ports }),
      merge: { 'spec.ports': { listType: 'map', listMapKeys: ['port'] } },
    });
    const gates = defineVersions({
      storage: Gate,
      served: [
        {
          resource: OldGate,
          toStorage: ({ spec }) => ({ spec: { doors: spec.ports } }),
          fromStorage: ({ spec }) => ({ spec: { ports: spec.doors } }),
        },
      ],
    });
    const { client } = await setUpVersions(where, { resources: [gates] });
    await client.create(Gate, { metadata: at('a'), spec: { doors: [{ port: 1, name: 'one' }] } });
    const patch = { spec: { ports: [{ port: 2, name: 'two' }] } };
    const patched = await client.patch(OldGate, at('a'), { type: 'strategic', patch });
    expect(patched.spec.ports).toHaveLength(2);
  });

  it('has its subresources in any version', async () => {
    const { client } = setup;
    await client.create(WidgetV2, two);
    const first = await client.get(WidgetV1, at('a'));
    const ready = edit(first, (draft) => {
      draft.spec.size = '9x9';
      draft.status = { ready: true, count: 4 };
    });
    const updated = await client.update(WidgetV1, ready, { subresource: 'status' });
    expect(updated.spec).toEqual(first.spec);
    expect(updated.status).toEqual({ ready: true, count: 4 });
    const change = { status: { note: 'n' } };
    await client.patch(WidgetV2, at('a'), { type: 'merge', patch: change }, { subresource: 'status' });
    const now = await client.get(WidgetV1, at('a'));
    const waiting = { ...now, status: { ready: false, count: 4 } };
    expect(await client.subresource(WidgetV1, at('a'), 'status', waiting)).toMatchObject(body(waiting));
    const stored = await client.get(WidgetV2, at('a'));
    expect(stored.status).toEqual({ state: 'Waiting', replicas: 4, note: 'n' });
    expect(stored.metadata.generation).toBe(1);
    expect(await client.subresource(WidgetV1, at('a'), 'status')).toEqual(
      await client.get(WidgetV1, at('a')),
    );

    const scale = await client.subresource(WidgetV1, at('a'), 'scale');
    expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 4 } });
    const scaled = await client.subresource(WidgetV1, at('a'), 'scale', { spec: { replicas: 7 } });
    expect(scaled).toMatchObject({ spec: { replicas: 7 } });
    expect((await client.get(WidgetV2, at('a'))).spec).toEqual({ ...two.spec, replicas: 7 });
    expect(await client.subresource(WidgetV2, at('a'), 'scale')).toEqual(scaled);
  });

  it('is applied to in the storage version alone, in whose paths it is recorded who set what', async () => {
    const { client } = setup;
    const { message } = await failure(
      client.apply(WidgetV1, one, { fieldManager: 'me' }),
      'MethodNotAllowed',
    );
    expect(message).toContain('apply in example.com/v1 (but in example.com/v2, in which objects are stored)');
    await client.apply(WidgetV2, two, { fieldManager: 'me' });
    const shown = await client.get(WidgetV1, at('a'));
    const bigger = edit(shown, (draft) => {
      draft.spec.size = '1x9';
    });
    const { metadata } = await client.update(WidgetV1, bigger, { fieldManager: 'old' });
    expect(metadata.managedFields).toMatchObject([
      { manager: 'me', operation: 'Apply', apiVersion: 'example.com/v2' },
      {
        manager: 'old',
        operation: 'Update',
        apiVersion: 'example.com/v2',
        fieldsV1: { 'f:spec': { 'f:height': {} } },
      },
    ]);
    expect((await client.get(WidgetV2, at('a'))).metadata).toEqual(metadata);
    const error = await failure(client.apply(WidgetV2, two, { fieldManager: 'me' }), 'Conflict');
    expect(fieldsOf(error)).toEqual(['.spec.height']);
  });

  it('does nothing in a dry run but answer', async () => {
    const { client } = setup;
    const dry = await client.create(WidgetV1, one, { dryRun: true });
    expect(dry.spec).toEqual({ size: '1x2', count: 1 });
    await failure(client.get(WidgetV1, at('a')), 'NotFound');
    await client.create(WidgetV2, two);
    const patch = { spec: { size: '4x4' } };
    const patched = await client.patch(WidgetV1, at('a'), { type: 'merge', patch }, { dryRun: true });
    expect(patched.spec.size).toBe('4x4');
    const { object } = await client.delete(WidgetV1, at('a'), { dryRun: true });
    expect(object.spec.size).toBe('1x2');
    expect((await client.get(WidgetV2, at('a'))).spec).toEqual({ ...two.spec, replicas: 1 });
  });

  it('is deleted in any version, by the rules of its finalizers', async () => {
    const { client } = setup;
    const held = { ...two, metadata: { ...at('a'), finalizers: ['example.com/hold'] } };
    await client.create(WidgetV2, held);
    const marked = await client.delete(WidgetV1, at('a'));
    expect([marked.deleted, marked.object.spec.size]).toEqual([false, '1x2']);
    const again = await client.delete(WidgetV1, at('a'));
    expect(again.object).toEqual(marked.object);
    const { finalizers: _, ...metadata } = marked.object.metadata;
    const last = await client.update(WidgetV1, { ...marked.object, metadata });
    expect(last.spec).toEqual({ size: '1x2', count: 1 });
    await failure(client.get(WidgetV2, at('a')), 'NotFound');

    for (const name of ['a', 'b', 'c']) {
      const width = name === 'b' ? 8 : 1;
      await client.create(WidgetV2, { metadata: at(name), spec: { width, height: 1 } });
    }
    const { items } = await client.deleteCollection(WidgetV1, { fieldSelector: 'spec.size=1x1' });
    expect(items.map(({ metadata: { name }, spec }) => [name, spec.size])).toEqual([
      ['a', '1x1'],
      ['c', '1x1'],
    ]);
    const deleted = await client.delete(WidgetV1, at('b'));
    expect([deleted.deleted, deleted.object.spec.size]).toEqual([true, '8x1']);
    expect((await client.list(WidgetV2)).items).toEqual([]);
  });

  it('is listed by the fields of the version that is asked for, page by page too', async () => {
    const { client } = setup;
    for (const [name, color] of [
      ['a', 'red'],
      ['b', 'blue'],
      ['c', 'red'],
    ] as const) {
      const size = { width: name === 'b' ? 2 : 1, height: 1 };
      const metadata = { ...at(name), labels: { shade: color } };
      await client.create(WidgetV2, { metadata, spec: { ...size, color } });
    }
    const namesOf = async <R extends AnyResource>(resource: R, options: object): Promise<unknown[]> =>
      (await client.list(resource, options)).items.map(({ metadata }) => metadata.name);
    expect(await namesOf(WidgetV1, { fieldSelector: 'spec.size=1x1' })).toEqual(['a', 'c']);
    expect(await namesOf(WidgetV1, { labelSelector: 'shade=blue' })).toEqual(['b']);
    expect(await namesOf(WidgetV2, { fieldSelector: 'spec.color=red' })).toEqual(['a', 'c']);
    expect(await namesOf(WidgetV1, { fieldSelector: 'metadata.name=c', namespace: 'default' })).toEqual([
      'c',
    ]);
    await failure(client.list(WidgetV1, { fieldSelector: 'spec.color=red' }), 'BadRequest');
    await failure(client.list(WidgetV2, { fieldSelector: 'spec.size=1x1' }), 'BadRequest');
    const page = await client.list(WidgetV1, { limit: 2 });
    expect(page.items.map(({ spec }) => spec.size)).toEqual(['1x1', '2x1']);
    const rest = await client.list(WidgetV1, { limit: 2, continue: page.continue });
    expect(rest.items.map(({ spec }) => spec.size)).toEqual(['1x1']);
    expect(page.remainingItemCount).toBe(1);
  });

  it('shows the metadata alone of any version', async () => {
    const { client } = setup;
    const alone = metadataOnly(WidgetV1);
    const watch = client.watch(alone, { resourceVersion: '1', fieldSelector: 'spec.size=1x2' });
    const created = await client.create(WidgetV1, { ...one, spec: { size: '1x2', mode: 'm' } });
    const { apiVersion, kind, metadata } = created;
    expect(await client.get(alone, at('a'))).toEqual({ apiVersion, kind, metadata });
    const { items } = await client.list(alone, { fieldSelector: 'spec.size=1x2' });
    expect(items).toEqual([{ apiVersion, kind, metadata }]);
    expect(await told(client, watch)).toEqual([{ type: 'ADDED', object: { apiVersion, kind, metadata } }]);
    await failure(client.delete(alone, at('a')), 'MethodNotAllowed');
  });

  it('is read and written in any version in a transaction', async () => {
    const { client, store } = setup;
    await client.create(WidgetV2, two);
    const watch = client.watch(WidgetV1, { resourceVersion: '2' });
    await store.transaction(async (tx) => {
      const old = await tx.get(WidgetV1, at('a'));
      const changed = await tx.update(WidgetV1, { ...old, spec: { ...old.spec, size: '7x7' } });
      expect(changed.spec.size).toBe('7x7');
      expect((await tx.get(WidgetV2, at('a'))).spec).toMatchObject({ width: 7, color: 'red' });
      await tx.create(WidgetV1, { ...one, metadata: at('b') });
      const { items } = await tx.list(WidgetV1, { fieldSelector: 'spec.size=7x7' });
      expect(items).toEqual([changed]);
      expect((await tx.get(metadataOnly(WidgetV1), at('a'))) as object).not.toHaveProperty('spec');
      await failure(tx.apply(WidgetV1, one), 'MethodNotAllowed');
    });
    const events = await told(client, watch);
    expect(events.map((event) => [line(event), event.type !== 'BOOKMARK' && event.more])).toEqual([
      ['MODIFIED a @3', true],
      ['ADDED b @3', undefined],
    ]);
  });

  it('shows its past in any version, and differences in the storage version', async () => {
    const { client, store } = setup;
    const { metadata } = await client.create(WidgetV1, one);
    await client.patch(WidgetV1, at('a'), { type: 'merge', patch: { spec: { size: '2x2' } } });
    const before = await store.getAt(WidgetV1, at('a'), metadata.resourceVersion);
    expect(before.spec.size).toBe('1x2');
    const { items } = await store.listAt(WidgetV1, metadata.resourceVersion, {
      fieldSelector: 'spec.size=1x2',
    });
    expect(items).toEqual([before]);
    expect(await store.diff(metadata.resourceVersion)).toMatchObject([
      {
        type: 'MODIFIED',
        apiVersion: 'example.com/v2',
        before: { spec: { width: 1 } },
        after: { spec: { width: 2 } },
      },
    ]);
  });

  it('is watched in both versions at once, at the same revisions', async () => {
    const { client } = setup;
    const watches: readonly Watch<WidgetV1 | WidgetV2>[] = [
      client.watch(WidgetV1, { resourceVersion: '1' }),
      client.watch(WidgetV2, { resourceVersion: '1' }),
    ];
    const small = client.watch(WidgetV1, { resourceVersion: '1', fieldSelector: 'spec.size=1x2' });
    await client.create(WidgetV1, one);
    await client.create(WidgetV2, { metadata: at('b'), spec: { width: 2, height: 2 } });
    await client.patch(WidgetV2, at('a'), { type: 'merge', patch: { spec: { color: 'blue' } } });
    await client.patch(WidgetV2, at('a'), { type: 'merge', patch: { spec: { width: 9 } } });
    await client.patch(WidgetV1, at('b'), { type: 'merge', patch: { spec: { size: '1x2' } } });
    await client.delete(WidgetV1, at('b'));
    const expected = [
      'ADDED a @2',
      'ADDED b @3',
      'MODIFIED a @4',
      'MODIFIED a @5',
      'MODIFIED b @6',
      'DELETED b @7',
    ];
    for (const watch of watches) expect(await lines(client, watch)).toEqual(expected);
    const events = await told(client, small);
    expect(events.map(line)).toEqual([
      'ADDED a @2',
      'MODIFIED a @4',
      'DELETED a @5',
      'ADDED b @6',
      'DELETED b @7',
    ]);
    for (const { object } of events) {
      expect(object).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: '1x2' } });
      expectDeeplyFrozen(object);
    }
    const resumed = client.watch(WidgetV1, { resourceVersion: '4' });
    expect(await lines(client, resumed)).toEqual(expected.slice(3));
    const large = client.watch(WidgetV1, { fieldSelector: 'spec.size=9x2' });
    await client.create(WidgetV2, { ...two, metadata: at('c') });
    expect(await lines(client, large)).toEqual(['ADDED a @5']);
    const fresh = client.watch(WidgetV1, { allowWatchBookmarks: true });
    expect((await fresh.next()).value).toMatchObject({ type: 'ADDED', object: { spec: { size: '9x2' } } });
    fresh.stop();
  });

  it('is owned, and guards writes, under the name of any version', async () => {
    const { client, store } = await setUpVersions(where, { resources: [Widgets, Note] });
    const owner = await client.create(WidgetV1, one);
    const { name, uid } = owner.metadata;
    const ownerReferences = [WidgetV1, WidgetV2].map(({ apiVersion, kind }) => ({
      apiVersion,
      kind,
      name,
      uid,
    }));
    await client.create(Note, { metadata: { ...at('n'), ownerReferences: ownerReferences.slice(0, 1) } });
    await client.create(Note, { metadata: { ...at('m'), ownerReferences: ownerReferences.slice(1) } });
    await store.idle();
    expect((await client.list(Note)).items).toHaveLength(2);
    const { apiVersion, kind } = WidgetV1;
    const guards = [{ apiVersion, kind, ...at('a'), uid }];
    await client.create(Note, { metadata: at('kept') }, { guards });
    await client.delete(WidgetV2, at('a'));
    await store.idle();
    expect((await client.list(Note)).items.map(({ metadata }) => metadata.name)).toEqual(['kept']);
    await failure(client.create(Note, { metadata: at('late') }, { guards }), 'Conflict');
  });

  it('is admitted in the storage version, whatever version was written', async () => {
    const seen: unknown[] = [];
    const { client } = await setUpVersions(where, {
      admission: [
        {
          name: 'painter',
          mutate: async ({ object, oldObject, resource }) => {
            seen.push([resource, object.apiVersion, oldObject?.apiVersion]);
            const spec = { ...(object['spec'] as object), color: 'green', height: 5 };
            return deepFreeze({ ...object, spec }) as StoredObject;
          },
        },
      ],
    });
    const created = await client.create(WidgetV1, one);
    expect(created.spec.size).toBe('1x5');
    const patched = await client.patch(WidgetV1, at('a'), {
      type: 'merge',
      patch: { spec: { size: '3x3' } },
    });
    expect(patched.spec.size).toBe('3x5');
    expect((await client.get(WidgetV2, at('a'))).spec).toMatchObject({ width: 3, color: 'green' });
    expect(seen).toEqual([
      [WidgetV2, 'example.com/v2', undefined],
      [WidgetV2, 'example.com/v2', 'example.com/v2'],
    ]);
  });

  describe('where a conversion goes wrong', () => {
    it('stores nothing that the storage version refuses', async () => {
      const { client } = setup;
      const error = await failure(client.create(WidgetV1, { ...one, spec: { size: '2000x1' } }), 'Invalid');
      expect([fieldsOf(error), error.message]).toEqual([
        ['spec.width'],
        expect.stringContaining('(in example.com/v2, as which it would be stored)'),
      ]);
      await failure(client.create(WidgetV1, { ...one, spec: { size: 'big' } }), 'Invalid');
      expect((await client.list(WidgetV2)).items).toEqual([]);
    });

    it('changes nothing when what is to be stored cannot be shown to its writer', async () => {
      const { client } = setup;
      const { message } = await failure(
        client.create(WidgetV1, { ...one, spec: { size: '13x1' } }),
        'InternalError',
      );
      expect(message).toContain('from example.com/v2 to example.com/v1: it threw TypeError: unlucky');
      await failure(client.create(WidgetV1, { ...one, spec: { size: '14x1' } }), 'Forbidden');
      expect((await client.list(WidgetV2)).items).toEqual([]);
      await client.create(WidgetV2, { ...two, spec: { width: 13, height: 1 } });
      for (const request of [
        client.get(WidgetV1, at('a')),
        client.list(WidgetV1),
        client.patch(WidgetV1, at('a'), { type: 'merge', patch: { spec: { size: '1x1' } } }),
        client.delete(WidgetV1, at('a')),
        client.deleteCollection(WidgetV1),
      ]) {
        await failure(request, 'InternalError');
      }
      const { metadata } = await client.get(WidgetV2, at('a'));
      expect(metadata.resourceVersion).toBe('2');
      expect((await client.delete(WidgetV2, at('a'))).deleted).toBe(true);
    });

    it('changes nothing when admission makes what the writer cannot be shown', async () => {
      const { client } = await setUpVersions(where, {
        admission: [
          {
            name: 'unlucky',
            mutate: ({ object }) => {
              if (object.metadata.finalizers !== undefined) return undefined;
              return deepFreeze({ ...object, spec: { ...(object['spec'] as object), width: 13 } });
            },
          },
        ],
      });
      await failure(client.create(WidgetV1, one), 'InternalError');
      expect((await client.list(WidgetV2)).items).toEqual([]);
      const held = { ...one, metadata: { ...at('a'), finalizers: ['example.com/hold'] } };
      await client.create(WidgetV1, held);
      const { object } = await client.delete(WidgetV1, at('a'));
      const { finalizers: _, ...metadata } = object.metadata;
      await failure(client.update(WidgetV1, { ...object, metadata }), 'InternalError');
      expect((await client.get(WidgetV2, at('a'))).metadata).toEqual(object.metadata);
    });

    it('ends a watch with the error, behind all that it told before', async () => {
      const { client, store } = setup;
      const open = client.watch(WidgetV1, { resourceVersion: '1' });
      const selective = client.watch(WidgetV1, { resourceVersion: '1', fieldSelector: 'spec.size=9x9' });
      const other = client.watch(WidgetV2, { resourceVersion: '1' });
      await client.create(WidgetV1, one);
      await store.transaction(async (tx) => {
        await tx.create(WidgetV2, { ...two, metadata: at('b') });
        await tx.create(WidgetV2, { metadata: at('c'), spec: { width: 14, height: 1 } });
      });
      expect(line((await open.next()).value as never)).toBe('ADDED a @2');
      // a commit is told wholly or not at all
      await failure(open.next(), 'Forbidden');
      expect(await open.next()).toEqual({ value: undefined, done: true });
      await failure(selective.next(), 'Forbidden');
      await failure(client.watch(WidgetV1, { resourceVersion: '1' }).next(), 'Forbidden');
      await failure(client.watch(WidgetV1).next(), 'Forbidden');
      expect(await lines(client, other)).toHaveLength(3);
    });

    it('refuses what a conversion would lose', async () => {
      const careless = defineVersions({
        storage: WidgetV2,
        served: [
          {
            resource: WidgetV1,
            toStorage: ({ spec }) => ({
              spec: { width: Number(spec.size.split('x')[0]), height: 2, replicas: spec.count },
            }),
            fromStorage: ({ spec }) => ({
              spec: { size: `${spec.width}x${spec.height}`, count: spec.replicas },
            }),
          },
        ],
      });
      const { client } = await setUpVersions(where, { resources: [careless] });
      const lost = await failure(client.create(WidgetV1, { ...one, spec: { size: '1x3' } }), 'InternalError');
      expect(lost.message).toContain('would not be read back: spec.size: "1x3" -> "1x2"');
      await client.create(WidgetV2, two);
      const patch = { spec: { size: '3x2' } };
      const erased = await failure(
        client.patch(WidgetV1, at('a'), { type: 'merge', patch }),
        'InternalError',
      );
      expect(erased.message).toContain('- spec.color: "red"');
      // what changes nothing loses nothing
      const shown = await client.get(WidgetV1, at('a'));
      expect(await client.update(WidgetV1, shown)).toEqual(shown);
      expect((await client.get(WidgetV2, at('a'))).metadata.resourceVersion).toBe('2');
    });

    it('refuses what it would keep in the status, or of the status, where the request changes nothing', async () => {
      const OldTask = defineResource({
        group: 'example.com',
        version: 'v1',
        kind: 'Task',
        spec: z.object({ wish: z.boolean().optional() }),
        status: z.object({ phase: z.string() }),
      });
      const Task = defineResource({
        group: 'example.com',
        version: 'v2',
        kind: 'Task',
        spec: z.object({}),
        status: z.object({ done: z.boolean() }),
      });
      const tasks = defineVersions({
        storage: Task,
        served: [
          {
            resource: OldTask,
            toStorage: ({ spec, status, metadata }) => ({
              spec: {},
              status: spec.wish ? { done: true } : status && { done: status.phase === 'Done' },
              metadata: { annotations: { ...metadata.annotations, ...(status && { phase: status.phase }) } },
            }),
            fromStorage: ({ status, metadata: { annotations = {} } }) => {
              const { phase, ...rest } = annotations;
              const spec = status?.done && phase === undefined ? { wish: true } : {};
              const own = status && phase !== undefined ? { phase } : undefined;
              return { spec, status: own, metadata: { annotations: rest } };
            },
          },
        ],
      });
      const { client } = await setUpVersions(where, { resources: [tasks] });
      const lost = 'what was written would not be read back, as toStorage keeps some of it';
      const wish = client.create(OldTask, { metadata: at('a'), spec: { wish: true } });
      expect((await failure(wish, 'InternalError')).message).toContain(lost);
      const created = await client.create(OldTask, { metadata: at('a'), spec: {} });
      const wanted = { ...created, status: { phase: 'Waiting' } };
      const update = client.update(OldTask, wanted, { subresource: 'status' });
      expect((await failure(update, 'InternalError')).message).toContain(lost);
      expect((await client.get(Task, at('a'))).metadata).toEqual(created.metadata);
    });
  });
});

describe('a watch of another version than the stored one', () => {
  it('calls no conversion inside a commit, and one for all watches', async () => {
    const { client } = await setUpVersions('memory');
    const watches = Array.from({ length: 10 }, () => client.watch(WidgetV1, { resourceVersion: '1' }));
    const before = calls.fromStorage;
    const created = client.create(WidgetV2, two);
    expect(calls.fromStorage).toBe(before);
    await created;
    for (const watch of watches) expect(await lines(client, watch)).toEqual(['ADDED a @2']);
    expect(calls.fromStorage).toBe(before + 1);
  });

  it('has changes wait in front of a bookmark that comes later', async () => {
    const held: (() => void)[] = [];
    const executor: Executor = {
      ...microtaskExecutor,
      execute: (lane, task) => {
        if (lane.kind === 'watch') held.push(task);
        else microtaskExecutor.execute(lane, task);
      },
    };
    const { client } = await setUpVersions('memory', { executor });
    const watch = client.watch(WidgetV1, { resourceVersion: '1' });
    await client.create(WidgetV2, two);
    await client.barrier();
    await client.create(WidgetV2, { ...two, metadata: at('b') });
    for (const task of held.splice(0)) task();
    const seen: string[] = [];
    for await (const event of watch) if (seen.push(line(event)) === 3) break;
    expect(seen).toEqual(['ADDED a @2', 'BOOKMARK @2', 'ADDED b @3']);
  });

  it('is cut off when too many changes wait, by whole commits, after what was there in time', async () => {
    const { client, store } = await setUpVersions('memory', { watchBuffer: 2 });
    const watch = client.watch(WidgetV1, { resourceVersion: '1' });
    const stalled = client.watch(WidgetV1, { resourceVersion: '1' });
    void client.create(WidgetV2, two);
    await store.transaction(async (tx) => {
      for (const name of ['b', 'c', 'd']) await tx.create(WidgetV2, { ...two, metadata: at(name) });
    });
    for (const reader of [watch, stalled]) {
      expect(line((await reader.next()).value as never)).toBe('ADDED a @2');
      await failure(reader.next(), 'Expired');
    }
    expect(await lines(client, client.watch(WidgetV1, { resourceVersion: '2' }))).toHaveLength(3);
  });

  it('ends with what waits, when the store closes, and drops it when it is stopped', async () => {
    const { client, store } = await setUpVersions('memory');
    const [closing, stopped, waiting] = [1, 2, 3].map(() =>
      client.watch(WidgetV1, { resourceVersion: '1' }),
    ) as [Watch<WidgetV1>, Watch<WidgetV1>, Watch<WidgetV1>];
    const first = waiting.next();
    void client.create(WidgetV2, two);
    stopped.stop();
    await store.close();
    expect(await stopped.next()).toEqual({ value: undefined, done: true });
    for (const next of [first, closing.next()]) expect(line((await next).value as never)).toBe('ADDED a @2');
    await failure(closing.next(), 'ServiceUnavailable');
    await failure(waiting.next(), 'ServiceUnavailable');
  });

  it('tells its end to a reader that waits, where the first change cannot be shown', async () => {
    const { client } = await setUpVersions('memory');
    const next = client.watch(WidgetV1, { resourceVersion: '1' }).next();
    await client.create(WidgetV2, { ...two, spec: { width: 13, height: 1 } });
    await failure(next, 'InternalError');
  });
});

describe('the kinds of a store', () => {
  const kinds = new Kinds([WidgetV1, Widgets, Note]);
  const kind = kinds.of(WidgetV2);
  const stored = (apiVersion: string, more: object): StoredObject => ({
    apiVersion,
    kind: 'Widget',
    metadata: { ...at('a'), uid: 'u', resourceVersion: '5', creationTimestamp: '2026-01-02T03:04:05Z' },
    ...more,
  });

  it('are one for all versions', () => {
    expect(kinds.all().map(({ resource }) => resource)).toEqual([WidgetV2, Note]);
    expect(kinds.of(WidgetV1)).toBe(kind);
    expect(kinds.find({ apiVersion: 'example.com/v1', kind: 'Widget' })).toBe(kind);
    expect(kinds.versionsOf({ apiVersion: 'example.com/v9', kind: 'Widget' })).toEqual([kind]);
    const second: AnyResource = defineResource({ group: 'example.com', version: 'v1', kind: 'Widget' });
    expect(kinds.version(second)).toBe(
      kinds.version(metadataOnly(WidgetV2)).kind === kind && kinds.version(WidgetV1),
    );
    expect(kinds.version(metadataOnly(WidgetV1))).toBe(kinds.version(metadataOnly(WidgetV1)));
  });

  it('convert what was stored in another version, and nothing else', () => {
    const own = stored('example.com/v2', { spec: { width: 1, height: 2, replicas: 1 } });
    expect(kinds.stored(kind, own)).toBe(own);
    // without a default that came later, and with a record in the paths of its time
    const spec = { size: '1x2', mode: 'm' };
    const old = stored('example.com/v1', { spec, status: { ready: true } });
    const recorded = { ...old, metadata: { ...old.metadata, managedFields: [{ manager: 'me' }] } };
    const converted = kinds.stored(kind, recorded);
    expect(converted).toEqual({
      ...stored('example.com/v2', {
        spec: { width: 1, height: 2, replicas: 1 },
        status: { state: 'Ready', replicas: 0 },
      }),
      metadata: { ...old.metadata, annotations: { [MODE]: 'm' } },
    });
    expectDeeplyFrozen(converted);
    expect(Object.isFrozen(recorded)).toBe(false);
  });

  it('refuse what they cannot convert', () => {
    const refusal = (object: StoredObject): unknown => {
      try {
        return kinds.stored(kind, object);
      } catch (error) {
        return error instanceof ApiError ? `${error.reason}: ${error.message}` : error;
      }
    };
    expect(refusal(stored('example.com/v9', {}))).toBe(
      'InternalError: Internal error occurred: expected a Widget in example.com/v2, or in a version that converts to it, got "Widget" in "example.com/v9"',
    );
    expect(refusal({ ...stored('example.com/v1', {}), kind: 'Note' })).toContain('got "Note" in');
    expect(refusal(stored('example.com/v1', { spec: { size: '2000x1' } }))).toContain('Invalid: ');
  });
});
