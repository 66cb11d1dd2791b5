/**
 * What the types promise, checked by `tsc` and never run.
 */
import {
  type ApiObject,
  checkRoundTrip,
  type Controller,
  controller,
  defineResource,
  defineVersions,
  edit,
  InformerFactory,
  keyOf,
  Manager,
  type New,
  type ObjectMeta,
  type ObjectOf,
  ObjectStore,
  type Resource,
  type ResourceEntry,
  Scheme,
  type Versions,
} from 'keelson';
import { Deployment } from 'keelson/kinds';
import * as z from 'zod';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <T extends true>(): T | undefined => undefined;

export const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({
    image: z.string(),
    replicas: z.number().int().min(0).default(1),
    ports: z.array(z.object({ n: z.number() })).optional(),
    any: z.unknown().optional(),
    json: z.json().optional(),
  }),
  status: z.object({ readyReplicas: z.number().int().default(0) }),
});
type Website = ObjectOf<typeof Website>;

const Config = defineResource({
  group: '',
  version: 'v1',
  kind: 'Config',
  fields: { data: z.record(z.string(), z.string()).optional() },
});
const Region = defineResource({ group: '', version: 'v1', kind: 'Region', scope: 'Cluster' });
interface Thing extends ApiObject<'Namespaced'> {
  readonly apiVersion: 'example.com/v1';
  readonly kind: 'Thing';
  readonly size: number;
}
const ThingKind = defineResource<Thing>({ group: 'example.com', version: 'v1', kind: 'Thing' });

const store = new ObjectStore({ resources: [Website, Config, Region, ThingKind, Deployment] });
const client = store.client();

export async function objects(): Promise<void> {
  const site = await client.create(Website, {
    metadata: { name: 'a', namespace: 'default' },
    spec: { image: 'nginx' },
  });
  yes<Equal<typeof site, Website>>();
  yes<Equal<typeof site.spec.replicas, number>>();
  yes<Equal<typeof site.apiVersion, 'example.com/v1'>>();
  yes<Equal<typeof site.kind, 'Website'>>();
  yes<Equal<typeof site.metadata.namespace, string>>();
  yes<Equal<typeof site.metadata.uid, string>>();

  const region = await client.create(Region, { metadata: { name: 'eu' } });
  yes<Equal<typeof region.metadata.namespace, undefined>>();
  yes<Equal<typeof region.apiVersion, 'v1'>>();

  const thing = await client.create(ThingKind, { metadata: { name: 'a', namespace: 'default' }, size: 3 });
  yes<Equal<typeof thing, Thing>>();

  // @ts-expect-error readonly
  site.spec.replicas = 3;
  // @ts-expect-error wrong type
  await client.create(Website, { metadata: { name: 'a' }, spec: { image: 3 } });
  // @ts-expect-error missing spec
  await client.create(Website, { metadata: { name: 'a' } });
  // @ts-expect-error unknown field
  await client.create(Website, { metadata: { name: 'a' }, spec: { image: 'x', nope: 1 } });
  // @ts-expect-error the system's own metadata
  await client.create(Website, { metadata: { name: 'a', uid: 'x' }, spec: { image: 'x' } });
  // @ts-expect-error an object of another kind
  await client.update(Website, thing);
  // @ts-expect-error a key has a name
  await client.get(Website, { namespace: 'default' });

  const edited = edit(site, (draft) => {
    draft.spec.replicas = 3;
    draft.spec.ports = [{ n: 1 }];
    draft.spec.ports.push({ n: 2 });
    draft.metadata.labels = { a: 'b' };
  });
  yes<Equal<typeof edited, Website>>();
  await client.update(Website, edited);
  await client.update(Website, { ...site, spec: { ...site.spec, replicas: 4 } });
  edit(site, (draft) => {
    // @ts-expect-error status is optional
    draft.status.readyReplicas = 7;
  });

  const config = await client.create(Config, { metadata: { name: 'x', namespace: 'd' }, data: { a: 'b' } });
  const value: string | undefined = config.data?.['a'];
  void value;

  const fromPatch = await client.patch(Website, keyOf(site), {
    type: 'merge',
    patch: { spec: { replicas: 2 } },
  });
  yes<Equal<typeof fromPatch, Website>>();
  const applied = await client.apply(
    Website,
    { metadata: keyOf(site), spec: { replicas: 2 } },
    { force: true },
  );
  yes<Equal<typeof applied, Website>>();
  await client.apply(
    Website,
    { metadata: { name: 'a' }, status: { readyReplicas: 1 } },
    { subresource: 'status' },
  );
  await client.apply(ThingKind, { metadata: { name: 'a' } });
  await client.apply(Config, { metadata: { name: 'a', labels: { a: 'b' } }, data: { a: 'b' } });
  // @ts-expect-error a name
  await client.apply(Website, { metadata: {} });
  // @ts-expect-error wrong type
  await client.apply(Website, { metadata: { name: 'a' }, spec: { image: 3 } });
  // @ts-expect-error unknown field
  await client.apply(Website, { metadata: { name: 'a' }, spec: { nope: 1 } });

  const page = await client.list(Website);
  yes<Equal<typeof page.items, readonly Website[]>>();
  const { object, deleted } = await client.delete(Website, keyOf(site));
  yes<Equal<typeof object, Website>>();
  yes<Equal<typeof deleted, boolean>>();
}

export async function watches(): Promise<void> {
  const { signal } = new AbortController();
  for await (const event of client.watch(Website, { signal })) {
    if (event.type === 'BOOKMARK') {
      yes<Equal<typeof event.object.metadata.resourceVersion, string>>();
      // @ts-expect-error a bookmark has no more than its revision
      void event.object.spec;
    } else {
      yes<Equal<typeof event.object, Website>>();
    }
  }
}

export function informers(): void {
  const factory = new InformerFactory({ client });
  const sites = factory.for(Website, {
    indexers: { byImage: (site) => [site.spec.image], byReplicas: (site) => [String(site.spec.replicas)] },
  });
  const [first] = sites.lister.byIndex('byImage', 'nginx');
  yes<Equal<typeof first, Website | undefined>>();
  // @ts-expect-error unknown index
  sites.lister.byIndex('byImag', 'nginx');
  sites.addEventHandler({
    onAdd(site, { isInInitialList }) {
      yes<Equal<typeof site, Website>>();
      yes<Equal<typeof isInInitialList, boolean>>();
    },
    onUpdate(before, after) {
      yes<Equal<typeof before, typeof after>>();
    },
    onDelete({ key, last, finalStateKnown }) {
      yes<Equal<typeof key.name, string>>();
      yes<Equal<typeof last, Website | undefined>>();
      yes<Equal<typeof finalStateKnown, boolean>>();
    },
  });
}

export function controllers(): Manager {
  const websites: Controller = controller('website')
    .for(Website)
    .owns(Deployment)
    .watches(Config, { map: (config) => [{ namespace: config.metadata.namespace, name: 'a' }] })
    .options({ concurrency: 4 })
    .reconcile(async ({ key, object, client: own, cache }) => {
      yes<Equal<typeof object, Website | undefined>>();
      if (!object) return;
      yes<Equal<typeof key.name, string>>();
      const cached = cache.get(Deployment, key);
      yes<Equal<typeof cached, Deployment | undefined>>();
      const current = await own.get(Website, keyOf(object));
      await own.update(
        Website,
        edit(current, (draft) => {
          draft.spec.replicas += 1;
        }),
      );
      return { requeueAfter: 60_000 };
    });
  controller('x')
    .for(Website)
    .reconcile(async () => {});
  controller('x')
    .for(Website)
    // @ts-expect-error not a number of milliseconds
    .reconcile(async () => ({ requeueAfter: 'soon' }));
  controller('x')
    .for(Website)
    // @ts-expect-error nothing but requeueAfter
    .reconcile(async () => ({ requeue: true }));
  // @ts-expect-error a controller is for a kind
  controller('x').reconcile(async () => {});
  return new Manager({ client, controllers: [websites] });
}

/** What create takes, as a type. */
type NewWebsite = New<typeof Website>;
export const fresh: NewWebsite = { metadata: { generateName: 'a-' }, spec: { image: 'x' } };
export const builtin: New<typeof Deployment> = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    },
  },
};

/** A helper over any kind. */
export async function touch<O extends { readonly metadata: ObjectMeta }>(
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever create takes
  resource: Resource<O, any>,
  object: O,
): Promise<O> {
  const found = await client.get(resource, keyOf(object));
  return edit(found, (draft) => void draft);
}

export async function touchSite(site: Website): Promise<string> {
  const touched = await touch(Website, site);
  yes<Equal<typeof touched, Website>>();
  return touched.spec.image;
}

const WebsiteV2 = defineResource({
  group: 'example.com',
  version: 'v2',
  kind: 'Website',
  spec: z.object({
    container: z.object({ image: z.string() }),
    scale: z.number(),
    color: z.string().optional(),
  }),
  status: z.object({ ready: z.number() }),
});
const WebsiteV1Beta1 = defineResource({
  group: 'example.com',
  version: 'v1beta1',
  kind: 'Website',
  spec: z.object({ image: z.string() }),
  status: z.object({ ready: z.number() }),
});

export const Websites = defineVersions({
  storage: WebsiteV2,
  served: [
    {
      resource: Website,
      toStorage: (site, before) => {
        yes<Equal<typeof site, Website>>();
        yes<Equal<typeof before, ObjectOf<typeof WebsiteV2> | undefined>>();
        // @ts-expect-error readonly
        site.spec.replicas = 1;
        return {
          spec: {
            container: { image: site.spec.image },
            scale: site.spec.replicas,
            color: before?.spec.color,
          },
          status: site.status && { ready: site.status.readyReplicas },
          metadata: { annotations: { ...site.metadata.annotations, 'example.com/a': 'b' } },
        };
      },
      fromStorage: (stored) => {
        yes<Equal<typeof stored, ObjectOf<typeof WebsiteV2>>>();
        return {
          spec: { image: stored.spec.container.image, replicas: stored.spec.scale },
          status: stored.status && { readyReplicas: stored.status.ready },
        };
      },
    },
    {
      resource: WebsiteV1Beta1,
      toStorage: (site, before) => {
        yes<Equal<typeof site, ObjectOf<typeof WebsiteV1Beta1>>>();
        return {
          ...site,
          spec: { scale: 1, ...before?.spec, container: { image: site.spec.image } },
        };
      },
      fromStorage: ({ spec, status }) => ({ spec: { image: spec.container.image }, status }),
    },
  ],
});

/** A list of resources has room for a kind in several versions. */
export const entries: readonly ResourceEntry[] = [Config, Websites, Deployment];
export const scheme = new Scheme(entries);

export function versions(): void {
  yes<Equal<typeof Websites, Versions<typeof WebsiteV2, typeof Website | typeof WebsiteV1Beta1>>>();
  checkRoundTrip(Websites, Website, { metadata: { name: 'a' }, spec: { image: 'x' } });
  checkRoundTrip(Websites, WebsiteV2, {
    metadata: {},
    spec: { container: { image: 'x' }, scale: 1, color: 'red' },
  });
  checkRoundTrip(
    Websites,
    WebsiteV1Beta1,
    { metadata: {}, spec: { image: 'x' } },
    { metadata: {}, spec: { container: { image: 'y' }, scale: 2 } },
  );
  // @ts-expect-error none of the versions
  checkRoundTrip(Websites, Config, { metadata: {} });
  // @ts-expect-error an object of another version
  checkRoundTrip(Websites, WebsiteV1Beta1, { metadata: {}, spec: { container: { image: 'x' }, scale: 1 } });
  const fromStorage = (): { readonly spec: { readonly image: string } } => ({ spec: { image: 'x' } });
  defineVersions({
    storage: WebsiteV2,
    served: [
      {
        resource: WebsiteV1Beta1,
        // @ts-expect-error lacks a field of the storage version
        toStorage: ({ spec }) => ({ spec: { container: spec } }),
        fromStorage,
      },
    ],
  });
  defineVersions({
    storage: WebsiteV2,
    served: [
      {
        resource: WebsiteV1Beta1,
        // @ts-expect-error synchronous
        toStorage: async ({ spec }) => ({ spec: { container: spec, scale: 1 } }),
        fromStorage,
      },
    ],
  });
  defineVersions({
    storage: WebsiteV2,
    served: [
      {
        resource: WebsiteV1Beta1,
        toStorage: ({ spec }) => ({
          spec: { container: spec, scale: 1 },
          // @ts-expect-error all versions share the name
          metadata: { name: 'x' },
        }),
        fromStorage,
      },
    ],
  });
}
