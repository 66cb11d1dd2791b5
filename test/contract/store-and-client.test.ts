import {
  type ApiError,
  type Client,
  defineResource,
  edit,
  isBadRequest,
  isConflict,
  isInvalid,
  isNotFound,
  keyOf,
  metadataOnly,
  namespaced,
  ObjectStore,
  VirtualClock,
  waitFor,
} from 'keelson';
import {
  builtinKinds,
  builtinScheme,
  ConfigMap,
  CoreEvent,
  Deployment,
  Event,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  Lease,
  Namespace,
  SubjectAccessReview,
} from 'keelson/kinds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Website } from './website.js';

const KEY = { name: 'a', namespace: 'default' };
const NEW = { metadata: KEY, spec: { image: 'nginx' } };

let store: ObjectStore;
let client: Client;
beforeEach(() => {
  store = new ObjectStore({ resources: [Website, ConfigMap], clock: new VirtualClock() });
  client = store.client();
});
afterEach(() => store.close());

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: unknown) => error as ApiError,
  );
}

describe('the contract: store and client', () => {
  it('runs the program as written', async () => {
    const site = await client.create(Website, NEW);
    expect(site).toMatchObject({
      apiVersion: 'example.com/v1',
      kind: 'Website',
      spec: { image: 'nginx', replicas: 1 },
    });
    expect(site.status).toBeUndefined();
    expect(site.metadata).toEqual({
      name: 'a',
      namespace: 'default',
      uid: expect.any(String),
      resourceVersion: expect.stringMatching(/^\d+$/),
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    });

    await client.update(
      Website,
      edit(site, (draft) => {
        draft.spec.replicas = 3;
      }),
    );
    await client.patch(
      Website,
      keyOf(site),
      { type: 'merge', patch: { status: { readyReplicas: 3 } } },
      { subresource: 'status' },
    );
    await client.apply(
      Website,
      { metadata: { name: 'a', namespace: 'default' }, spec: { image: 'nginx:2' } },
      { fieldManager: 'me', force: true },
    );

    const page = await client.list(Website, { namespace: 'default', labelSelector: '!app', limit: 500 });
    expect(page.items).toHaveLength(1);
    expect(page.items[0]).toMatchObject({
      spec: { image: 'nginx:2', replicas: 3 },
      status: { readyReplicas: 3 },
      metadata: { generation: 3 },
    });
    expect(page.continue).toBeUndefined();

    const { signal } = new AbortController();
    const watch = client.watch(Website, { resourceVersion: page.resourceVersion, signal });
    const result = await client.delete(Website, KEY, { preconditions: { uid: site.metadata.uid } });
    expect(result.deleted).toBe(true);
    for await (const event of watch) {
      expect(event).toEqual({ type: 'DELETED', object: result.object });
      expect(event.object.metadata.resourceVersion).toBe(result.resourceVersion);
      break;
    }
    expect(isNotFound(await errorOf(client.get(Website, KEY)))).toBe(true);
  });

  it('does nothing on construction, opens on demand, and refuses everything once closed', async () => {
    await store.open();
    await store.close();
    expect((await errorOf(client.list(Website))).reason).toBe('ServiceUnavailable');
    expect((await errorOf(client.create(Website, NEW))).reason).toBe('ServiceUnavailable');
  });

  it('keeps revisions of one counter for all kinds, each commit above the one before', async () => {
    const site = await client.create(Website, NEW);
    const config = await client.create(ConfigMap, { metadata: KEY, data: { a: 'b' } });
    expect(client.capabilities.singleRevision).toBe(true);
    expect(Number(config.metadata.resourceVersion)).toBeGreaterThan(Number(site.metadata.resourceVersion));
    expect((await client.list(Website)).resourceVersion).toBe(config.metadata.resourceVersion);
  });

  it('gives out deeply frozen objects and keeps the identity of what an edit did not touch', async () => {
    const site = await client.create(Website, { ...NEW, metadata: { ...KEY, labels: { app: 'a' } } });
    expect([site, site.metadata, site.metadata.labels, site.spec].every(Object.isFrozen)).toBe(true);
    const next = edit(site, (draft) => {
      draft.spec.replicas = 2;
    });
    expect(next.metadata).toBe(site.metadata);
    const updated = await client.update(Website, next);
    expect(updated.metadata.labels).toBe(site.metadata.labels);
    expect(await client.get(Website, KEY)).toBe(updated);
  });

  it('applies the defaults of a status only where there is one', async () => {
    await client.create(Website, NEW);
    expect((await client.get(Website, KEY)).status).toBeUndefined();
    const patch = { type: 'merge' as const, patch: { status: {} } };
    expect((await client.patch(Website, KEY, patch, { subresource: 'status' })).status).toEqual({
      readyReplicas: 0,
    });
  });

  it('refuses what the schema refuses, naming every field', async () => {
    const wrong = { metadata: KEY, spec: { image: 3, replicas: -1 } } as unknown as typeof NEW;
    const error = await errorOf(client.create(Website, wrong));
    expect(isInvalid(error)).toBe(true);
    expect(error.code).toBe(422);
    expect(error.details.causes?.map(({ field }) => field)).toEqual(['spec.image', 'spec.replicas']);
  });

  it('refuses an update of what has changed since it was read', async () => {
    const site = await client.create(Website, NEW);
    const change = edit(site, (draft) => {
      draft.spec.replicas = 2;
    });
    await client.update(Website, change);
    expect(isConflict(await errorOf(client.update(Website, change)))).toBe(true);
    const uid = { preconditions: { uid: 'other' } };
    expect(isConflict(await errorOf(client.delete(Website, KEY, uid)))).toBe(true);
  });

  it('marks what finalizers hold, and deletes it with the last of them', async () => {
    await client.create(Website, { ...NEW, metadata: { ...KEY, finalizers: ['example.com/a'] } });
    const { deleted, object } = await client.delete(Website, KEY);
    expect(deleted).toBe(false);
    expect(object.metadata.deletionTimestamp).toBeDefined();
    await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(isNotFound(await errorOf(client.get(Website, KEY)))).toBe(true);
  });

  it('runs a dry run through and stores nothing', async () => {
    const dry = await client.create(Website, NEW, { dryRun: true });
    expect(dry.spec.replicas).toBe(1);
    expect((await client.list(Website)).items).toEqual([]);
    const site = await client.create(Website, NEW);
    await client.patch(Website, KEY, { type: 'merge', patch: { spec: { replicas: 9 } } }, { dryRun: true });
    await client.delete(Website, KEY, { dryRun: true });
    expect(await client.get(Website, KEY)).toBe(site);
  });

  it('wants a namespace for a namespaced kind, and none for a cluster kind', async () => {
    const Region = defineResource({ group: 'example.com', version: 'v1', kind: 'Region', scope: 'Cluster' });
    const own = new ObjectStore({ resources: [Website, Region], clock: new VirtualClock() });
    const there = own.client();
    const wrong = [
      there.get(Website, { name: 'a' }),
      there.create(Website, { metadata: { name: 'a' }, spec: { image: 'nginx' } }),
      there.get(Region, KEY),
      there.create(Region, { metadata: KEY }),
    ];
    for (const error of await Promise.all(wrong.map(errorOf))) {
      expect(isBadRequest(error)).toBe(true);
      expect(error.details.causes?.[0]?.field).toBe('metadata.namespace');
    }
    await there.create(Website, NEW);
    expect((await there.list(Website)).items).toHaveLength(1);
    expect((await there.deleteCollection(Website)).items).toHaveLength(1);

    const inDefault = namespaced(there, 'default');
    await inDefault.create(Website, { metadata: { name: 'b' }, spec: { image: 'nginx' } });
    expect((await inDefault.get(Website, { name: 'b' })).metadata.namespace).toBe('default');
    await own.close();
  });

  it('has and checks namespaces where it serves Namespace, and asks for none where it does not', async () => {
    await client.create(Website, { ...NEW, metadata: { name: 'a', namespace: 'anywhere' } });
    const own = new ObjectStore({ resources: [Website, Namespace], clock: new VirtualClock() });
    const there = own.client();
    expect((await there.list(Namespace)).items.map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-system',
    ]);
    await there.create(Website, NEW);
    const nowhere = { ...NEW, metadata: { name: 'a', namespace: 'nowhere' } };
    expect(isNotFound(await errorOf(there.create(Website, nowhere)))).toBe(true);
    await own.close();
  });

  it('serves Lease and the Event of events.k8s.io, whatever it was made with', async () => {
    expect((await client.list(Lease)).items).toEqual([]);
    expect((await client.list(Event)).items).toEqual([]);
    expect(isNotFound(await errorOf(client.list(Deployment)))).toBe(true);
  });

  it('collects what an object owned, and idle waits for that', async () => {
    const site = await client.create(Website, NEW);
    const { apiVersion, kind, metadata } = site;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    await client.create(ConfigMap, { metadata: { ...KEY, ownerReferences } });
    await client.delete(Website, KEY);
    await store.idle();
    expect((await client.list(ConfigMap)).items).toEqual([]);
  });

  it('begins a watch when it is called, and ends it when the signal aborts', async () => {
    const abort = new AbortController();
    const watch = client.watch(Website, { signal: abort.signal });
    const site = await client.create(Website, NEW);
    expect(await watch.next()).toEqual({ done: false, value: { type: 'ADDED', object: site } });
    const next = watch.next();
    abort.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('lets a watch be consumed once', async () => {
    await client.create(Website, NEW);
    const watch = client.watch(Website);
    for await (const event of watch) {
      expect(event.type).toBe('ADDED');
      break;
    }
    const again: unknown[] = [];
    for await (const event of watch) again.push(event);
    expect(again).toEqual([]);
  });

  it('throws the failure of a watch from next, after what was told before it', async () => {
    const own = new ObjectStore({ resources: [Website], clock: new VirtualClock(), watchBuffer: 2 });
    const watch = own.client().watch(Website);
    const create = (name: string): Promise<unknown> =>
      own.client().create(Website, { metadata: { name, namespace: 'default' }, spec: { image: 'nginx' } });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    const told: unknown[] = [];
    const failure = await errorOf(
      (async () => {
        for await (const event of watch) told.push(event);
      })(),
    );
    expect(failure.reason).toBe('Expired');
    expect(told.length).toBeLessThanOrEqual(3);
    await own.close();
    const unserved = await errorOf(client.watch(Deployment).next());
    expect(isNotFound(unserved)).toBe(true);
  });

  it('pushes open watches to the revision of a barrier, by a bookmark where nothing matches', async () => {
    const watch = client.watch(Website, { resourceVersion: (await client.list(Website)).resourceVersion });
    await client.create(ConfigMap, { metadata: KEY });
    const revision = await client.barrier();
    expect(await watch.next()).toEqual({
      done: false,
      value: { type: 'BOOKMARK', object: { metadata: { resourceVersion: revision } } },
    });
    watch.stop();
  });

  it('lists everything page by page, at one revision', async () => {
    for (let index = 0; index < 7; index += 1) {
      await client.create(Website, {
        metadata: { name: `site-${index}`, namespace: 'default' },
        spec: { image: 'nginx' },
      });
    }
    const page = await client.list(Website, { limit: 3 });
    expect(page).toMatchObject({ continue: expect.any(String), remainingItemCount: 4 });
    const all = await client.listAll(Website, { limit: 3 });
    expect(all.items.map(({ metadata }) => metadata.name)).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((n) => `site-${n}`),
    );
    expect(all.resourceVersion).toBe(page.resourceVersion);
  });

  it('waits for an object to be as wanted, without polling', async () => {
    const waiting = waitFor(client, Website, KEY, (site) => site?.status?.readyReplicas === 3);
    await client.create(Website, NEW);
    const patch = { type: 'merge' as const, patch: { status: { readyReplicas: 3 } } };
    const ready = await client.patch(Website, KEY, patch, { subresource: 'status' });
    expect(await waiting).toEqual(ready);
    const abort = new AbortController();
    const forever = waitFor(client, Website, KEY, () => false, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(forever).rejects.toThrow('enough');
  });

  it('lists and watches the metadata alone', async () => {
    const site = await client.create(Website, NEW);
    const { items } = await client.list(metadataOnly(Website));
    const { apiVersion, kind, metadata } = site;
    expect(items).toEqual([{ apiVersion, kind, metadata }]);
    const watch = client.watch(metadataOnly(Website));
    expect(await watch.next()).toEqual({
      done: false,
      value: { type: 'ADDED', object: { apiVersion, kind, metadata } },
    });
    watch.stop();
  });

  it('treats unknown fields as the schema says: pruned, Invalid or kept', async () => {
    const kindOf = (kind: string, spec: z.ZodType<{ a: string }, { a: string }>) =>
      defineResource({ group: 'example.com', version: 'v1', kind, spec });
    const Pruned = kindOf('Pruned', z.object({ a: z.string() }));
    const Strict = kindOf('Strict', z.strictObject({ a: z.string() }));
    const Loose = kindOf('Loose', z.looseObject({ a: z.string() }));
    const own = new ObjectStore({ resources: [Pruned, Strict, Loose], clock: new VirtualClock() });
    const more = { metadata: KEY, spec: { a: 'a', b: 'b' } };
    expect((await own.client().create(Pruned, more)).spec).toEqual({ a: 'a' });
    expect(isInvalid(await errorOf(own.client().create(Strict, more)))).toBe(true);
    expect((await own.client().create(Loose, more)).spec).toEqual({ a: 'a', b: 'b' });
    await own.close();
  });

  it('takes hostile keys for the data that they are', async () => {
    const data = JSON.parse('{ "__proto__": "p", "constructor": "c" }') as Record<string, string>;
    const labels = { constructor: 'c' };
    const config = await client.create(ConfigMap, { metadata: { ...KEY, labels }, data });
    expect(new Map(Object.entries(config.data ?? {}))).toEqual(new Map(Object.entries(data)));
    expect((await client.list(ConfigMap, { labelSelector: 'constructor=c' })).items).toEqual([config]);
    expect((await client.list(ConfigMap, { labelSelector: 'toString' })).items).toEqual([]);
  });
});

describe('the contract: kinds', () => {
  it('has every built-in kind under its name, the current API under the plain one', () => {
    expect(
      [Event, CoreEvent, HorizontalPodAutoscaler, HorizontalPodAutoscalerV1].map((kind) => [
        kind.apiVersion,
        kind.kind,
      ]),
    ).toEqual([
      ['events.k8s.io/v1', 'Event'],
      ['v1', 'Event'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
      ['autoscaling/v1', 'HorizontalPodAutoscaler'],
    ]);
    expect(builtinKinds).toContain(Deployment);
    expect(builtinScheme.lookup({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(Deployment);
  });

  it('stores none of the virtual kinds', async () => {
    const own = new ObjectStore({ resources: builtinKinds, clock: new VirtualClock() });
    expect(isNotFound(await errorOf(own.client().list(SubjectAccessReview)))).toBe(true);
    expect(isNotFound(await errorOf(own.client().get(SubjectAccessReview, { name: 'a' })))).toBe(true);
    await own.close();
  });
});
