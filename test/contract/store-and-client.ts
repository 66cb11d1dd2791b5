import {
  ApiError,
  type Client,
  type Clock,
  controller,
  defineResource,
  dryRun,
  edit,
  isBadRequest,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
  keyOf,
  type ManagedFieldsEntry,
  Manager,
  metadataOnly,
  namespaced,
  ObjectStore,
  type ObjectStoreOptions,
  type Storage,
  VirtualClock,
  waitFor,
  withFieldManager,
} from 'keelson';
import {
  builtinKinds,
  ConfigMap,
  Deployment,
  Event,
  Lease,
  Namespace,
  Pod,
  SubjectAccessReview,
} from 'keelson/kinds';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';
import { Website } from './website.js';

/** What a store keeps its objects on. */
export interface Engine {
  readonly clock: Clock;
  /** Undefined for the memory of the store. */
  readonly storage?: Storage;
  /** The same storage, as a process finds it that starts anew; absent where nothing outlives the store. */
  readonly reopen?: () => Storage;
  readonly dispose?: () => void | Promise<void>;
}

const KEY = { name: 'a', namespace: 'default' };
const NEW = { metadata: KEY, spec: { image: 'nginx' } };
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: unknown) => error as ApiError,
  );
}

/** Who owns what by which verb, as the object records it. */
function managersOf({
  metadata,
}: {
  readonly metadata: { readonly managedFields?: readonly ManagedFieldsEntry[] };
}) {
  return (metadata.managedFields ?? []).map(({ manager, operation }) => `${manager} ${operation}`);
}

/** The promises of a store and its client, on engines of which `makeEngine` makes empty ones. */
export function storeAndClientContract(makeEngine: () => Promise<Engine>): void {
  let engines: Engine[];
  let stores: ObjectStore[];
  let store: ObjectStore;
  let client: Client;

  /** A store on an engine, its own unless given. */
  async function open(options: ObjectStoreOptions, engine?: Engine): Promise<ObjectStore> {
    let own = engine;
    if (own === undefined) {
      own = await makeEngine();
      engines.push(own);
    }
    const { clock, storage } = own;
    const opened = new ObjectStore({ clock, ...(storage === undefined ? {} : { storage }), ...options });
    stores.push(opened);
    return opened;
  }

  beforeEach(async () => {
    engines = [];
    stores = [];
    store = await open({ resources: [Website, ConfigMap] });
    client = store.client();
  });
  afterEach(async () => {
    for (const each of stores) await each.close();
    for (const engine of engines) await engine.dispose?.();
  });

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
      creationTimestamp: TIME,
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
    const own = await open({ resources: [Website], watchBuffer: 2 });
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
    const unserved = await errorOf(client.watch(Deployment).next());
    expect(isNotFound(unserved)).toBe(true);
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

  it('treats unknown fields as the schema says: pruned, Invalid or kept', async () => {
    const kindOf = (kind: string, spec: z.ZodType<{ a: string }, { a: string }>) =>
      defineResource({ group: 'example.com', version: 'v1', kind, spec });
    const Pruned = kindOf('Pruned', z.object({ a: z.string() }));
    const Strict = kindOf('Strict', z.strictObject({ a: z.string() }));
    const Loose = kindOf('Loose', z.looseObject({ a: z.string() }));
    const own = await open({ resources: [Pruned, Strict, Loose] });
    const more = { metadata: KEY, spec: { a: 'a', b: 'b' } };
    expect((await own.client().create(Pruned, more)).spec).toEqual({ a: 'a' });
    expect(isInvalid(await errorOf(own.client().create(Strict, more)))).toBe(true);
    expect((await own.client().create(Loose, more)).spec).toEqual({ a: 'a', b: 'b' });
  });

  it('takes hostile keys for the data that they are', async () => {
    const data = JSON.parse('{ "__proto__": "p", "constructor": "c" }') as Record<string, string>;
    const labels = { constructor: 'c' };
    const config = await client.create(ConfigMap, { metadata: { ...KEY, labels }, data });
    expect(new Map(Object.entries(config.data ?? {}))).toEqual(new Map(Object.entries(data)));
    expect((await client.list(ConfigMap, { labelSelector: 'constructor=c' })).items).toEqual([config]);
    expect((await client.list(ConfigMap, { labelSelector: 'toString' })).items).toEqual([]);
  });

  it('does no I/O on construction, and opens with the first call, or early', async () => {
    const engine = await makeEngine();
    engines.push(engine);
    const { storage } = engine;
    if (storage?.open === undefined) {
      await (await open({ resources: [Website] }, engine)).open();
      return;
    }
    let opened = 0;
    const counting: Storage = {
      name: storage.name,
      open: (context) => {
        opened += 1;
        return (storage.open as NonNullable<Storage['open']>)(context);
      },
    };
    const own = await open({ resources: [Website] }, { ...engine, storage: counting });
    const there = own.client();
    await Promise.resolve();
    expect(opened).toBe(0);
    expect((await there.list(Website)).items).toEqual([]);
    await own.open();
    expect(opened).toBe(1);
  });

  it('says with open, and with the first call, why a storage cannot be opened, and tries again', async () => {
    const engine = await makeEngine();
    engines.push(engine);
    const { storage } = engine;
    if (storage?.open === undefined) return;
    let isReady = false;
    const late: Storage = {
      name: storage.name,
      open: async (context) => {
        if (!isReady) throw ApiError.serviceUnavailable('the disk is not there yet');
        return (storage.open as NonNullable<Storage['open']>)(context);
      },
    };
    const own = await open({ resources: [Website] }, { ...engine, storage: late });
    for (const error of [await errorOf(own.open()), await errorOf(own.client().list(Website))]) {
      expect(error.reason).toBe('ServiceUnavailable');
      expect(error.message).toContain('the disk is not there yet');
    }
    isReady = true;
    await own.client().create(Website, NEW);
  });

  it('refuses everything once it is closed, by close or by disposal', async () => {
    await store.open();
    await store.close();
    await store.close();
    expect((await errorOf(client.list(Website))).reason).toBe('ServiceUnavailable');
    expect((await errorOf(client.create(Website, NEW))).reason).toBe('ServiceUnavailable');
    expect((await errorOf(store.open())).reason).toBe('ServiceUnavailable');
    const own = await open({ resources: [Website] });
    await own[Symbol.asyncDispose]();
    expect((await errorOf(own.client().get(Website, KEY))).reason).toBe('ServiceUnavailable');
  });

  it('patches in three ways', async () => {
    await client.create(Website, NEW);
    const replace = [{ op: 'replace' as const, path: '/spec/image', value: 'one' }];
    expect((await client.patch(Website, KEY, { type: 'json', patch: replace })).spec.image).toBe('one');
    const merge = { spec: { image: 'two' } };
    expect((await client.patch(Website, KEY, { type: 'merge', patch: merge })).spec.image).toBe('two');
    const strategic = { spec: { image: 'three' } };
    expect((await client.patch(Website, KEY, { type: 'strategic', patch: strategic })).spec.image).toBe(
      'three',
    );
  });

  it('tells who writes to those who admit writes', async () => {
    const own = await open({
      resources: [Website],
      admission: [
        {
          name: 'alice-alone',
          validate: ({ user, resource, key }) => {
            if (user?.name !== 'alice') throw ApiError.forbidden(resource, key.name, 'you are not alice');
          },
        },
      ],
    });
    const alice = own.client({ user: { name: 'alice', groups: ['writers'] } });
    expect(isForbidden(await errorOf(own.client().create(Website, NEW)))).toBe(true);
    expect(isForbidden(await errorOf(own.client({ user: { name: 'bob' } }).create(Website, NEW)))).toBe(true);
    await alice.create(Website, NEW);
    expect((await own.client().list(Website)).items).toHaveLength(1);
  });

  it('takes other top-level fields than spec and status where a kind declares them', async () => {
    const Settings = defineResource({
      group: 'example.com',
      version: 'v1',
      kind: 'Settings',
      plural: 'settings',
      fields: { data: z.record(z.string(), z.string()) },
    });
    const own = await open({ resources: [Settings] });
    const settings = await own.client().create(Settings, { metadata: KEY, data: { a: 'b' } });
    expect(settings.data).toEqual({ a: 'b' });
    const wrong = { metadata: { ...KEY, name: 'b' }, data: { a: 1 } } as unknown as {
      metadata: typeof KEY;
      data: {};
    };
    const error = await errorOf(own.client().create(Settings, wrong));
    expect(error.details.causes?.map(({ field }) => field)).toEqual(['data.a']);
  });

  it('answers a deletion with the object, the revision and whether it is gone', async () => {
    const site = await client.create(Website, NEW);
    const gone = await client.delete(Website, KEY);
    expect(gone).toEqual({ object: expect.anything(), resourceVersion: expect.any(String), deleted: true });
    expect(gone.object).toEqual(
      edit(site, (draft) => {
        draft.metadata.resourceVersion = gone.resourceVersion as string;
      }),
    );
    expect(Number(gone.resourceVersion)).toBeGreaterThan(Number(site.metadata.resourceVersion));

    await client.create(Website, { ...NEW, metadata: { ...KEY, finalizers: ['example.com/a'] } });
    const held = await client.delete(Website, KEY);
    expect(held).toEqual({
      object: await client.get(Website, KEY),
      resourceVersion: held.object.metadata.resourceVersion,
      deleted: false,
    });
    expect(held.object.metadata.deletionTimestamp).toEqual(TIME);
    expect(await client.delete(Website, KEY)).toEqual(held);
    await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(isNotFound(await errorOf(client.get(Website, KEY)))).toBe(true);
  });

  it('deletes a collection: what is selected, and no more', async () => {
    const one = { namespace: 'one', labels: { app: 'a' } };
    for (const metadata of [
      { ...one, name: 'a' },
      { ...one, name: 'b', finalizers: ['example.com/a'] },
      { namespace: 'one', name: 'c' },
      { ...one, name: 'd', namespace: 'two' },
    ]) {
      await client.create(Website, { ...NEW, metadata });
    }
    const deleted = await client.deleteCollection(Website, { namespace: 'one', labelSelector: 'app=a' });
    expect(deleted.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    const left = await client.list(Website);
    expect(left.items.map(({ metadata }) => [metadata.name, metadata.deletionTimestamp])).toEqual([
      ['b', TIME],
      ['c', undefined],
      ['d', undefined],
    ]);
    expect(Number(left.resourceVersion)).toBe(Number(deleted.resourceVersion));
  });

  it('runs a dry run through and stores nothing, whatever the verb', async () => {
    const options = { dryRun: true };
    expect((await client.create(Website, NEW, options)).spec.replicas).toBe(1);
    expect((await client.apply(Website, NEW, options)).spec.replicas).toBe(1);
    expect((await client.list(Website)).items).toEqual([]);
    const site = await client.create(Website, NEW);
    const change = edit(site, (draft) => {
      draft.spec.replicas = 9;
    });
    const merge = { type: 'merge' as const, patch: { spec: { replicas: 9 } } };
    const report = { type: 'merge' as const, patch: { status: { readyReplicas: 9 } } };
    expect((await client.update(Website, change, options)).spec.replicas).toBe(9);
    expect((await client.patch(Website, KEY, merge, options)).spec.replicas).toBe(9);
    const status = await client.patch(Website, KEY, report, { ...options, subresource: 'status' });
    expect(status.status).toEqual({ readyReplicas: 9 });
    await client.apply(Website, { ...NEW, spec: { replicas: 9 } }, { ...options, force: true });
    await client.delete(Website, KEY, options);
    expect((await client.deleteCollection(Website, {}, options)).items).toEqual([site]);
    await dryRun(client).delete(Website, KEY);
    const invalid = { type: 'merge' as const, patch: { spec: { replicas: -1 } } };
    expect(isInvalid(await errorOf(client.patch(Website, KEY, invalid, options)))).toBe(true);
    expect(await client.get(Website, KEY)).toEqual(site);
    expect((await client.list(Website)).resourceVersion).toBe(site.metadata.resourceVersion);
  });

  it('takes keelson for the writer where nobody says otherwise, in every verb', async () => {
    const own = await open({ resources: [Website], managedFields: 'always' });
    const nobody = own.client();
    expect(managersOf(await nobody.create(Website, NEW))).toEqual(['keelson Update']);
    const image = { metadata: KEY, spec: { image: 'nginx' } };
    expect(managersOf(await nobody.apply(Website, image))).toContain('keelson Apply');
    const named = withFieldManager(nobody, 'somebody');
    const merge = (replicas: number) => ({ type: 'merge' as const, patch: { spec: { replicas } } });
    expect(managersOf(await named.patch(Website, KEY, merge(2)))).toContain('somebody Update');
    const other = await named.patch(Website, KEY, merge(3), { fieldManager: 'other' });
    expect(managersOf(other)).toContain('other Update');
    const site = edit(other, (draft) => {
      draft.spec.replicas = 4;
    });
    expect(managersOf(await nobody.update(Website, site, { fieldManager: 'last' }))).toContain('last Update');
  });

  it('takes the name of the controller for the writer in a reconcile', async () => {
    const websites = controller('website')
      .for(Website)
      .reconcile(async ({ key, client: own }) => {
        const { namespace } = await own.get(Website, key).then(({ metadata }) => metadata);
        await own.apply(ConfigMap, { metadata: { name: key.name, namespace }, data: { a: 'b' } });
      });
    const manager = new Manager({ client, controllers: [websites] });
    await manager.start();
    await client.create(Website, NEW);
    const config = await waitFor(client, ConfigMap, KEY, (object) => object !== undefined);
    await manager.stop();
    expect(managersOf(config ?? { metadata: {} })).toEqual(['website Apply']);
  });

  it('tells with a conflict of an apply which field it is, and whose', async () => {
    const intent = (image: string) => ({ metadata: KEY, spec: { image } });
    await client.apply(Website, intent('one'), { fieldManager: 'first' });
    const error = await errorOf(client.apply(Website, intent('two'), { fieldManager: 'second' }));
    expect(isConflict(error)).toBe(true);
    expect(error.details.causes).toEqual([
      expect.objectContaining({ field: '.spec.image', message: expect.stringContaining('"first"') }),
    ]);
    await client.apply(Website, intent('two'), { fieldManager: 'second', force: true });
    const site = await client.get(Website, KEY);
    expect(site.spec.image).toBe('two');
    expect(managersOf(site)).toContain('second Apply');
  });

  it('wants a namespace for a namespaced kind, and none for a cluster kind', async () => {
    const Region = defineResource({ group: 'example.com', version: 'v1', kind: 'Region', scope: 'Cluster' });
    const own = await open({ resources: [Website, Region] });
    const there = own.client();
    const merge = { type: 'merge' as const, patch: {} };
    const nowhere = { ...NEW, metadata: { name: 'a' } };
    const wrong = [
      there.get(Website, { name: 'a' }),
      there.create(Website, nowhere),
      there.apply(Website, nowhere),
      there.patch(Website, { name: 'a' }, merge),
      there.delete(Website, { name: 'a' }),
      there.subresource(Website, { name: 'a' }, 'status'),
      there.get(Region, KEY),
      there.create(Region, { metadata: KEY }),
      there.patch(Region, KEY, merge),
      there.delete(Region, KEY),
      there.list(Region, { namespace: 'default' }),
      there.deleteCollection(Region, { namespace: 'default' }),
      there.watch(Region, { namespace: 'default' }).next(),
    ];
    for (const error of await Promise.all(wrong.map(errorOf))) {
      expect(isBadRequest(error)).toBe(true);
      expect(error.details.causes?.[0]?.field).toBe('metadata.namespace');
    }
    // where many are meant, no namespace means all
    const watch = there.watch(Website);
    for (const namespace of ['one', 'two'])
      await there.create(Website, { ...NEW, metadata: { ...KEY, namespace } });
    for (const namespace of ['one', 'two']) {
      expect((await watch.next()).value).toMatchObject({ object: { metadata: { namespace } } });
    }
    watch.stop();
    expect((await there.list(Website)).items).toHaveLength(2);
    expect((await there.deleteCollection(Website)).items).toHaveLength(2);

    const inDefault = namespaced(there, 'default');
    await inDefault.create(Website, { metadata: { name: 'b' }, spec: { image: 'nginx' } });
    expect((await inDefault.get(Website, { name: 'b' })).metadata.namespace).toBe('default');
  });

  it('has and checks namespaces where it serves Namespace, and asks for none where it does not', async () => {
    await client.create(Website, { ...NEW, metadata: { name: 'a', namespace: 'anywhere' } });
    const own = await open({ resources: [Website, Namespace] });
    const there = own.client();
    const names = async () => (await there.list(Namespace)).items.map(({ metadata }) => metadata.name);
    expect(await names()).toEqual(['default', 'kube-system']);
    await there.create(Website, NEW);
    const nowhere = { ...NEW, metadata: { name: 'a', namespace: 'nowhere' } };
    expect(isNotFound(await errorOf(there.create(Website, nowhere)))).toBe(true);
    await there.create(Namespace, { metadata: { name: 'nowhere' } });
    await there.create(Website, nowhere);
    // with a namespace goes what is in it, and a barrier waits for that
    await there.delete(Namespace, { name: 'nowhere' });
    await there.barrier();
    expect(await names()).toEqual(['default', 'kube-system']);
    expect((await there.list(Website)).items.map(({ metadata }) => metadata.namespace)).toEqual(['default']);
  });

  it('begins a watch when it is called, and ends it when the signal aborts', async () => {
    const abort = new AbortController();
    const watch = client.watch(Website, { signal: abort.signal });
    const site = await client.create(Website, NEW);
    expect(await watch.next()).toEqual({ done: false, value: { type: 'ADDED', object: site } });
    const next = watch.next();
    abort.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const late = client.watch(Website, { signal: AbortSignal.abort() });
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  it('tells a watch of the future alone where it names a revision', async () => {
    const site = await client.create(Website, NEW);
    const watch = client.watch(Website, { resourceVersion: site.metadata.resourceVersion });
    const changed = await client.update(
      Website,
      edit(site, (draft) => {
        draft.spec.replicas = 2;
      }),
    );
    expect(await watch.next()).toEqual({ done: false, value: { type: 'MODIFIED', object: changed } });
    watch.stop();
  });

  it('pushes the open watches of the client, and no others, to the revision of a barrier', async () => {
    const { resourceVersion } = await client.list(Website);
    const watch = client.watch(Website, { resourceVersion });
    const other = store.client().watch(Website, { resourceVersion });
    await client.create(ConfigMap, { metadata: KEY });
    const revision = await client.barrier();
    // nothing matches: a bookmark tells, and that has nothing but the revision
    const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: revision } } };
    expect(await watch.next()).toEqual({ done: false, value: bookmark });
    const site = await client.create(Website, NEW);
    expect(await other.next()).toEqual({ done: false, value: { type: 'ADDED', object: site } });
    for (const each of [watch, other]) each.stop();
  });

  it('sets no barrier before what an owner leaves behind is collected', async () => {
    const { apiVersion, kind, metadata } = await client.create(Website, NEW);
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    const config = await client.create(ConfigMap, { metadata: { ...KEY, ownerReferences } });
    const watch = client.watch(ConfigMap, { resourceVersion: config.metadata.resourceVersion });
    await client.delete(Website, KEY);
    const revision = await client.barrier();
    expect((await client.list(ConfigMap)).items).toEqual([]);
    const told: string[] = [];
    for await (const event of watch) {
      told.push(event.type);
      if (event.object.metadata.resourceVersion === revision) break;
    }
    expect(told[0]).toBe('DELETED');
  });

  it('lets go of what has lived its time, where the clock can be moved', async () => {
    const Spark = defineResource<{ apiVersion: string; kind: string; metadata: typeof site.metadata }>({
      group: 'example.com',
      version: 'v1',
      kind: 'Spark',
      ttl: 60_000,
    });
    const site = await client.create(Website, NEW);
    const own = await open({ resources: [Spark] });
    const there = own.client();
    await there.create(Spark, { metadata: KEY });
    if (!(there.clock instanceof VirtualClock)) return;
    await there.clock.advance(61_000);
    await there.barrier();
    expect((await there.list(Spark)).items).toEqual([]);
  });

  it('lists everything page by page, at one revision, and says how much is left', async () => {
    for (let index = 0; index < 7; index += 1) {
      await client.create(Website, {
        metadata: { name: `site-${index}`, namespace: 'default', labels: { odd: String(index % 2) } },
        spec: { image: 'nginx' },
      });
    }
    const names: string[] = [];
    const left: (number | undefined)[] = [];
    let page = await client.list(Website, { limit: 3 });
    const { resourceVersion } = page;
    for (;;) {
      expect(page.resourceVersion).toBe(resourceVersion);
      names.push(...page.items.map(({ metadata }) => metadata.name));
      left.push(page.remainingItemCount);
      if (page.continue === undefined) break;
      // what is written meanwhile is on no page
      await client.create(Website, { ...NEW, metadata: { ...KEY, name: `site-6-${left.length}` } });
      page = await client.list(Website, { limit: 3, continue: page.continue });
    }
    expect(left).toEqual([4, 1, undefined]);
    expect(names).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => `site-${n}`));
    const all = await client.listAll(Website, { limit: 3, labelSelector: 'odd=1' });
    expect(all.items.map(({ metadata }) => metadata.name)).toEqual(['site-1', 'site-3', 'site-5']);
    expect(all.continue).toBeUndefined();
    // how many of a selection follow would have to be counted
    const odd = await client.list(Website, { limit: 1, labelSelector: 'odd=1' });
    expect(odd.continue).toBeDefined();
    expect(odd.remainingItemCount).toBeUndefined();
  });

  it('lists and watches the metadata alone, selected by the whole object', async () => {
    const site = await client.create(Website, { ...NEW, metadata: { ...KEY, labels: { app: 'a' } } });
    const { apiVersion, kind, metadata } = site;
    const list = await client.list(metadataOnly(Website), { labelSelector: 'app=a' });
    expect(list.items).toEqual([{ apiVersion, kind, metadata }]);
    const watch = client.watch(metadataOnly(Website), { labelSelector: 'app=a' });
    expect(await watch.next()).toEqual({
      done: false,
      value: { type: 'ADDED', object: { apiVersion, kind, metadata } },
    });
    const changed = await client.patch(Website, KEY, { type: 'merge', patch: { spec: { replicas: 2 } } });
    expect(await watch.next()).toEqual({
      done: false,
      value: { type: 'MODIFIED', object: { apiVersion, kind, metadata: changed.metadata } },
    });
    const { object } = await client.delete(Website, KEY);
    expect(await watch.next()).toEqual({
      done: false,
      value: { type: 'DELETED', object: { apiVersion, kind, metadata: object.metadata } },
    });
    watch.stop();
  });

  it('reads what was written before the schema changed: with its defaults, and without judging it', async () => {
    const engine = await makeEngine();
    engines.push(engine);
    if (engine.reopen === undefined) return;
    const names = { group: 'example.com', version: 'v1', kind: 'Note' } as const;
    const Before = defineResource({ ...names, spec: z.object({ text: z.string() }) });
    const After = defineResource({
      ...names,
      spec: z.object({ text: z.string().max(3), size: z.number().max(9).default(1) }),
    });
    const long = { ...KEY, name: 'long' };
    const before = await open({ resources: [Before] }, engine);
    await before.client().create(Before, { metadata: KEY, spec: { text: 'one' } });
    await before.client().create(Before, { metadata: long, spec: { text: 'too long' } });
    await before.close();
    const after = await open({ resources: [After] }, { ...engine, storage: engine.reopen() });
    const there = after.client();
    expect((await there.get(After, KEY)).spec).toEqual({ text: 'one', size: 1 });
    const note = await there.get(After, long);
    expect(note.spec).toEqual({ text: 'too long', size: 1 });
    expect((await there.list(After)).items.map(({ spec }) => spec.text)).toEqual(['one', 'too long']);
    // what an update leaves alone may stay as it is
    const resized = await there.update(
      After,
      edit(note, (draft) => {
        draft.spec.size = 2;
      }),
    );
    expect(resized.spec).toEqual({ text: 'too long', size: 2 });
    const longer = edit(resized, (draft) => {
      draft.spec.text = 'longer still';
    });
    expect(isInvalid(await errorOf(there.update(After, longer)))).toBe(true);
  });

  it('stores none of the virtual kinds: they are subresources, or for creating alone', async () => {
    const own = await open({ resources: builtinKinds });
    const there = own.client();
    expect(isNotFound(await errorOf(there.list(SubjectAccessReview)))).toBe(true);
    expect(isNotFound(await errorOf(there.get(SubjectAccessReview, { name: 'a' })))).toBe(true);
    const spec = { containers: [{ name: 'c', image: 'nginx' }] };
    await there.create(Pod, { metadata: KEY, spec });
    await there.subresource(Pod, KEY, 'binding', { target: { kind: 'Node', name: 'n1' } });
    expect((await there.get(Pod, KEY)).spec.nodeName).toBe('n1');
    await there.create(Deployment, {
      metadata: KEY,
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec },
      },
    });
    await there.subresource(Deployment, KEY, 'scale', { spec: { replicas: 5 } });
    expect((await there.get(Deployment, KEY)).spec?.replicas).toBe(5);
    expect(await there.subresource(Deployment, KEY, 'scale')).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 5 },
    });
  });
}
