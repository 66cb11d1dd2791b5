import { type Client, type ClientHooks, intercept } from '../../src/client/index.js';
import type { ObjectKey } from '../../src/core/index.js';
import type { AnyResource } from '../../src/resources/index.js';
import type { ObjectStore, Transaction } from '../../src/store/index.js';

/** A client of a store that does right all but one thing. */
export type ClientDefect = (store: ObjectStore) => ClientHooks;

/** What the suite writes, as far as these defects look into it. */
interface Written {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly parts?: Readonly<Record<string, string>>;
  readonly value?: unknown;
}

export function brokenClient(store: ObjectStore, defect: ClientDefect): Client {
  return intercept(store.client(), defect(store));
}

/** Does several things to one object at one revision, and answers with what is there then. */
async function atOnce<T>(
  store: ObjectStore,
  resource: AnyResource,
  { name, namespace }: ObjectKey,
  work: (tx: Transaction) => Promise<unknown>,
): Promise<T> {
  await store.transaction(work);
  return (await store.client().get(resource, { name, namespace })) as T;
}

const keyOf = (object: unknown): ObjectKey => (object as Written).metadata;

const isStatus = (options: { readonly subresource?: string | undefined } | undefined): boolean =>
  options?.subresource === 'status';

/** Ways in which a client may break the contract of its verbs. */
export const CLIENT_DEFECTS: Readonly<Record<string, ClientDefect>> = {
  'deletes at once what finalizers hold': (store) => ({
    delete: async (_next, resource, key) => {
      const object = await store.transaction(async (tx) => {
        const last = await tx.get(resource, key);
        await tx.patch(resource, key, { type: 'merge', patch: { metadata: { finalizers: null } } });
        await tx.delete(resource, key);
        return last;
      });
      return { object: object as never, deleted: true };
    },
  }),
  'does not delete what finalizers hold no more': (store) => ({
    patch: async (next, resource, key, patch, options) => {
      const { metadata } = patch.patch as { readonly metadata?: { readonly finalizers?: readonly string[] } };
      const isLast = metadata?.finalizers?.length === 0;
      const { deletionTimestamp } = (await store.client().get(resource, key)).metadata;
      if (!isLast || deletionTimestamp === undefined) return next(resource, key, patch, options);
      return (await store.client().get(resource, key)) as never;
    },
  }),
  'marks what nothing holds': (store) => ({
    delete: async (_next, resource, key) => {
      const object = await atOnce(store, resource, key, async (tx) => {
        const patch = { metadata: { finalizers: ['example.com/held'] } };
        await tx.patch(resource, key, { type: 'merge', patch });
        await tx.delete(resource, key);
      });
      return { object: object as never, deleted: false };
    },
  }),
  'marks an object anew with every deletion': (store) => ({
    delete: async (next, resource, key, options) => {
      const { metadata } = await store.client().get(resource, key);
      if (metadata.deletionTimestamp === undefined) return next(resource, key, options);
      const patch = { value: 'marked again' };
      const object = await store.client().patch(resource, key, { type: 'merge', patch });
      return {
        object: object as never,
        resourceVersion: object.metadata.resourceVersion as string,
        deleted: false,
      };
    },
  }),
  'takes new finalizers for what is to be deleted': (store) => ({
    patch: async (next, resource, key, patch, options) => {
      const { metadata } = patch.patch as { readonly metadata?: { readonly finalizers?: readonly string[] } };
      if (metadata?.finalizers === undefined) return next(resource, key, patch, options);
      try {
        return await next(resource, key, patch, options);
      } catch (error) {
        if ((error as { readonly reason?: string }).reason !== 'Invalid') throw error;
        return (await store.client().get(resource, key)) as never;
      }
    },
  }),
  'leaves out one of a collection that it deletes': (store) => ({
    deleteCollection: async (next, resource, selection, options) => {
      const list = await store.client().list(resource, { ...selection });
      if (list.items.length < 2) return next(resource, selection, options);
      for (const { metadata } of list.items.slice(1)) {
        await store
          .client()
          .delete(resource, metadata as ObjectKey)
          .catch(() => undefined);
      }
      const { resourceVersion } = await store.client().list(resource);
      return { items: list.items as never, resourceVersion };
    },
  }),
  'deletes more than the selection of a collection': (store) => ({
    deleteCollection: async (next, resource, selection, options) => {
      const { items } = await store.client().list(resource, { ...selection });
      const all = await next(resource, {}, options);
      return { ...all, items: items as never };
    },
  }),
  'tells of one too few that it deleted': () => ({
    deleteCollection: async (next, resource, selection, options) => {
      const all = await next(resource, selection, options);
      return { ...all, items: all.items.slice(1) };
    },
  }),
  'deletes no collection while anything in it is held': (store) => ({
    deleteCollection: async (next, resource, selection, options) => {
      const { items, resourceVersion } = await store.client().list(resource, { ...selection });
      const isHeld = items.some(({ metadata }) => metadata.finalizers !== undefined);
      return isHeld ? { items: items as never, resourceVersion } : next(resource, selection, options);
    },
  }),
  'loses with an apply what another manager owns': (store) => ({
    apply: (_next, resource, object, options) =>
      atOnce(store, resource, keyOf(object), async (tx) => {
        const live = await tx.apply(resource, object as never, options);
        const { parts } = object as Written;
        await tx.update(resource, { ...live, parts } as never);
      }),
  }),
  'applies over what another manager owns without being told to': () => ({
    apply: (next, resource, object, options) => next(resource, object, { ...options, force: true }),
  }),
  'refuses a conflict although it is forced': () => ({
    apply: (next, resource, object, options) => next(resource, object, { ...options, force: false }),
  }),
  'keeps what a manager applies no more': (store) => ({
    apply: async (next, resource, object, options) => {
      const live = (await store
        .client()
        .get(resource, keyOf(object))
        .catch(() => undefined)) as Written | undefined;
      const own = (object as Written).parts;
      return next(resource, { ...object, parts: { ...live?.parts, ...own } }, options);
    },
  }),
  'applies for one manager what another wants': () => ({
    apply: (next, resource, object, options) =>
      next(resource, object, { ...options, fieldManager: 'somebody' }),
  }),
  'says that it applied, and did not': () => ({
    apply: async (next, resource, object, options) => {
      const applied = await next(resource, object, { ...options, dryRun: true });
      return { ...applied, metadata: { ...applied.metadata, resourceVersion: '2' } };
    },
  }),
  'creates twice under names that it makes': () => ({
    create: async (next, resource, object, options) => {
      const created = await next(resource, object, options);
      const { generateName } = object.metadata as { readonly generateName?: string };
      return generateName !== undefined ? next(resource, object, options) : created;
    },
  }),
  'makes the name of something that is there': (store) => ({
    create: (next, resource, object, options) => {
      const { generateName, namespace } = object.metadata as { generateName?: string; namespace: string };
      if (generateName === undefined) return next(resource, object, options);
      const metadata = { namespace, name: `${generateName}bcdfg`, generateName };
      return store.client().apply(resource, { ...object, metadata } as never, { force: true });
    },
  }),
  'makes names without their beginning': () => ({
    create: (next, resource, object, options) => {
      const metadata = object.metadata as { readonly generateName?: string };
      if (metadata.generateName === undefined) return next(resource, object, options);
      return next(resource, { ...object, metadata: { ...metadata, generateName: 'x-' } } as never, options);
    },
  }),
  'writes a status with everything else': (store) => ({
    update: (next, resource, object, options) =>
      isStatus(options)
        ? next(resource, object, options)
        : atOnce(store, resource, keyOf(object), async (tx) => {
            const updated = await tx.update(resource, object, options);
            const status = (object as { readonly status?: unknown }).status;
            await tx.update(resource, { ...updated, status } as never, { subresource: 'status' });
          }),
  }),
  'writes everything else with a status': (store) => ({
    patch: (next, resource, key, patch, options) =>
      isStatus(options)
        ? atOnce(store, resource, key, async (tx) => {
            await tx.patch(resource, key, patch, options);
            const { value } = patch.patch as Written;
            await tx.patch(resource, key, { type: 'merge', patch: { value } });
          })
        : next(resource, key, patch, options),
  }),
  'forgets a status': () => ({
    patch: (next, resource, key, patch, options) =>
      next(resource, key, isStatus(options) ? { type: 'merge', patch: { status: null } } : patch, options),
  }),
};
